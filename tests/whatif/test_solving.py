"""Questions turned round, against trying every size."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape import layers, zoo
from symshape.algebra.periodic import PeriodicSet
from symshape.derivation import Derivation
from symshape.errors import ConditionError, ParseError, Undecided, UnknownName, UsageError
from symshape.network import Input, Network, Sequential
from symshape.whatif.solving import solve

LENET = zoo.lenet5().derive()


def conv(**options) -> Derivation:
    given = {"filters": 8, "kernel": "K", "stride": "S", "padding": "P", **options}
    return Sequential(Input("H", "W", 3), layers.Conv2D(**given)).derive()


def holds(derivation: Derivation, question: str, **sizes: int) -> bool:
    """Whether the question holds at one point, by evaluating everything there."""
    try:
        there = derivation.at(**sizes)
    except ConditionError:
        return False
    shape = [s for s in (call.outputs[0] for call in there.calls) if len(s) == 4][-1]
    names = {"H_out": shape[1], "W_out": shape[2], "C_out": shape[3], "macs": there.value("macs")}
    names |= {"params": there.value("params"), **sizes}
    return bool(eval(question, {"__builtins__": {}}, names))  # noqa: S307 - a question of this file


@pytest.mark.parametrize(
    ("question", "ties", "size"),
    [
        ("H_out == 5 and W_out == 5", {"W": "H"}, "H"),
        ("macs <= 2*10**6", {"W": "H"}, "H"),
        ("macs <= 2*10**6 and H % 4 == 1", {"W": "H"}, "H"),
        ("params > 50000 and params <= 90000", {"W": "H"}, "H"),
        ("macs == 849320", {"W": 32}, "H"),
        ("H_out < 3 or H_out == 9", {"W": 20}, "H"),
        ("H_out*W_out >= 3*H", {"W": "H"}, "H"),
        ("H != 40", {"W": "H"}, "H"),
    ],
)
def test_one_symbol(question, ties, size):
    derivation = zoo.lenet5().derive(**ties)
    answer = solve(derivation, question)
    found = [n for n in range(1, 130) if n in answer[size]]
    assert found == [n for n in range(1, 130) if holds(derivation, question, **{size: n})]


@settings(max_examples=40, deadline=None)
@given(
    strides=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    kernels=st.lists(st.integers(1, 4), min_size=3, max_size=3),
    target=st.integers(1, 12),
    op=st.sampled_from(["==", "<=", ">=", "!=", "<", ">"]),
    what=st.sampled_from(["H_out", "H_out*W_out", "macs", "macs - 40*H"]),
)
def test_random_chains(strides, kernels, target, op, what):
    stack = [layers.Conv2D(2, k, stride=s) for s, k in zip(strides, kernels, strict=False)]
    derivation = Sequential(Input("H", "W", 1), *stack).derive(W="H")
    question = f"{what} {op} {target if 'macs' not in what else target * 100}"
    answer = solve(derivation, question)
    sizes = range(1, 60)
    assert [n for n in sizes if n in answer["H"]] == [n for n in sizes if holds(derivation, question, H=n)]


def test_ties_and_the_greatest():
    d = zoo.resnet50().derive()
    answer = solve(d, "macs <= 4e9 and H == W", maximize="H")
    assert answer.words() == "H ≤ 216 and W = H"
    assert answer.best == {"H": 216}
    assert answer.reasons[-1].replace("\u202f", "") == "macs is 3954748416 at H = 216 and 4055667392 at 217"
    assert solve(d, "macs <= 4e9 and W == 2*H", maximize="H").best == {"H": 152}
    assert d.at(H=152, W=304).macs <= 4e9 < d.at(H=153, W=306).macs
    assert solve(d, "H_out >= 7 and W == H", minimize="H").best == {"H": 193}


def test_several_sizes_apart():
    answer = solve(zoo.resnet50().derive(), "H_out == 7 and W_out == 7")
    assert answer.words() == "193 ≤ H ≤ 224 and 193 ≤ W ≤ 224"
    assert str(answer.relation) == "(193 <= H and H <= 224) and (193 <= W and W <= 224)"
    assert answer.data()["sets"]["H"]["greatest"] == 224


def test_hyper_parameters_for_every_size():
    d = conv(dilation="d")
    assert solve(d, "H_out == H", every=["H", "W"]).words() == "S = 1 and 2P + d = Kd"
    assert solve(d, "H_out == H//2", every=["H", "W"]).words() == "S = 2 and 2P + d + 1 = Kd"
    assert solve(d.at(K=3, d=2), "H_out == H", every=["H", "W"]).words() == "P = 2 and S = 1"
    assert not solve(d.at(K=2, d=1), "H_out == H", every=["H", "W"])


@pytest.mark.parametrize("target", ["H", "H//2", "H + 2", "(H + 1)//2", "(H - 1)//3"])
def test_hyper_parameters_by_trying(target):
    d = conv()
    answer = solve(d, f"H_out == {target}", every=["H", "W"])
    for kernel, stride, padding in product(range(1, 5), range(1, 4), range(1, 4)):
        settings_ = {"K": kernel, "S": stride, "P": padding}
        wanted = all(holds(d, f"H_out == {target}", H=size, W=9, **settings_) for size in range(9, 40))
        fits = all(settings_[name] in allowed for name, allowed in answer.sets.items()) and all(
            tree_holds(str(tree), settings_) for tree in answer.joint
        )
        assert fits == wanted, (settings_, answer)


def tree_holds(text: str, sizes: dict[str, int]) -> bool:
    if "W" in text:  # where the network is valid at all
        return True
    return bool(eval(text, {"__builtins__": {}}, dict(sizes)))  # noqa: S307 - written by our own printer


def test_layers_by_name_and_sympy():
    d = LENET
    assert solve(d, "conv2d.H_out == 28")["H"].words("H") == "H = 32"
    assert solve(d, "dense.params <= 48120 and H == W", maximize="H").best == {"H": 35}
    import sympy

    assert solve(d, sympy.Eq(d["max_pooling2d_1"].output_shape[1], 5))["H"].words("H") == "32 ≤ H ≤ 35"


def test_none_with_the_reason():
    answer = solve(LENET, "macs <= 1000 and H == W")
    assert not answer
    assert "none" in answer.words() or answer.words() == "no H and W = H"
    assert any("macs" in reason for reason in answer.reasons)
    refuted = solve(LENET.at(H=32, W=32), "params == 5")
    assert not refuted
    assert refuted.words() == "none"
    assert "never holds" in refuted.reasons[0]


def small() -> Derivation:
    return Sequential(Input("H", "W", 3), layers.Conv2D(2, 3, stride=2)).derive()


def test_what_a_tie_asks_of_the_other_symbols():
    """What follows from another symbol is a positive integer too."""
    assert solve(small(), "W == H/2", keep=["H"]).words() == "H a multiple of 2 and H ≥ 6 and W = H/2"
    assert solve(small(), "2*W == 3*H").words() == "H a multiple of 2 and H ≥ 4 and W = 3H/2"
    assert solve(small(), "2*W == 2*H + 1").reasons == ("2W = 2H + 1 never holds",)
    assert not solve(small(), "2*W == 2*H + 1")
    assert solve(conv(), "K == 5 - S")["K"] == PeriodicSet.interval(1, 4)
    assert solve(conv(), "S == 64/K")["K"] == PeriodicSet.of([1, 2, 4, 8, 16, 32, 64])


def test_the_greatest_of_a_symbol_that_is_tied():
    assert solve(small(), "W == 2*H and W <= 21", maximize="W").best == {"W": 20}
    assert solve(small(), "W == H/2 and H <= 21", maximize="H").best == {"H": 20}


@pytest.mark.parametrize(
    "question", ["H/2 < 9", "H/2 <= 9", "H/2 > 9", "H/2 >= 9", "1 <= H/2", "9 > H/2", "H/3 - H < -8"]
)
def test_quotients_are_no_integers(question):
    answer = solve(small(), question)
    assert [n for n in range(3, 60) if n in answer["H"]] == [n for n in range(3, 60) if eval(question, {"H": n})]  # noqa: S307


def test_a_tie_that_the_network_refuses():
    image = Input("H", "W", 2)
    turned = layers.Permute((2, 1, 3))(image)
    d = Network(image, layers.Concatenate()([image, turned])).derive()
    assert solve(d, "W == H").words() == "W = H"
    answer = solve(d, "W == H + 1")
    assert not answer
    assert "with W = H + 1" in answer.reasons[0]
    strided = Sequential(
        Input("H", 9, 3), layers.Conv2D(2, ("K", 1)), layers.Conv2D(4, 3, stride="S", padding=1)
    ).derive()
    assert "with K = 3H/2" in solve(strided, "3*H == 2*K").reasons[0]
    assert not strided.search("3*H == 2*K", over={"H": range(1, 9)})
    assert not strided.search("3*H == 2*K")


def test_a_symbol_that_the_network_ties_to_one_that_is_known():
    net = Sequential(Input("H", "W", 2), layers.Flatten(), layers.Dense(3, in_features=24))
    assert solve(net.derive(), "H == 3").words() == "H = 3 and W = 4"
    assert not solve(net.derive(), "H == 5")


def test_choices_that_the_sets_decide():
    assert solve(small(), "H == 2 or W == 7").words() == "H ≥ 3 and W = 7"
    assert solve(small(), "H <= 9 and (H < 10 or W == 7)").words() == "3 ≤ H ≤ 9 and W ≥ 3"
    assert solve(small(), "4*(H//3) == 7 or (W == 2 and H == 5)").words() == "H = 5 and no W"
    assert solve(small(), "H == 5 or W == 7").joint


def test_answers_as_one_relation():
    assert str(solve(small(), "H == H").relation) == "H >= 3"
    assert str(solve(Sequential(Input("C"), layers.Dense("U")).derive(), "C == C").relation) == "C >= 1"
    assert str(solve(LENET, "macs <= 1000 and H == W").relation) == "H < 1"


def test_joint_relations_stay():
    answer = solve(LENET, "macs <= 1e6")
    assert [symbol.name for symbol in sorted(answer.joint[0].symbols, key=str)] == ["H", "W"]
    with pytest.raises(Undecided, match="tie it, such as W == H"):
        solve(LENET, "macs <= 1e6", maximize="H")


def test_refusals():
    with pytest.raises(UnknownName, match="did you mean macs"):
        solve(LENET, "mac <= 3")
    with pytest.raises(UnknownName, match="not a free symbol"):
        solve(LENET, "H <= 30", maximize="Q")
    with pytest.raises(UsageError, match="no greatest H"):
        solve(LENET, "H % 2 == 0", maximize="H")
    with pytest.raises(UsageError, match="not two"):
        solve(LENET, "H <= 30", maximize="H", minimize="W")
    with pytest.raises(ParseError):
        solve(LENET, "__import__('os')")
    with pytest.raises(UsageError, match="is not a relation"):
        solve(LENET, 7)
    with pytest.raises(Undecided, match="for every H"):
        solve(conv(), "macs <= 100", every=["H"])


def test_symbolic_depth():
    d = zoo.resnet().derive(n1=3, n2=4, n4=3, w=64)
    assert solve(d, "params <= 30e6", maximize="n3").best == {"n3": 9}
    net = Network.of(lambda x: layers.Add()([x, layers.Dense("d")(x)]), "d", name="one")
    assert solve(net.derive(), "params <= 110", maximize="d").best == {"d": 10}


def test_the_largest_batch() -> None:
    d = zoo.resnet50().derive(H=224, W=224)
    answer = d.solve("training_bytes <= 24GiB", maximize="N")
    assert answer.best == {"N": 295}
    fits = [d.at(N=batch).value("training_bytes") <= 24 * 2**30 for batch in (295, 296)]
    assert fits == [True, False]
    bert = zoo.bert_base().derive().solve("kept_bytes <= 16GiB and L == 512", maximize="N")
    assert bert.best == {"N": 37}
    assert "L = 512, as asked" in bert.reasons
    assert "at N = 37 and" in bert.reasons[-1]


def test_the_next_size_is_one_at_which_the_network_is_valid() -> None:
    answer = zoo.unet_2015().derive(W="H").solve("macs <= 1e11", maximize="H")
    assert answer.best == {"H": 476}
    assert answer.reasons[-1].endswith("at 492")
