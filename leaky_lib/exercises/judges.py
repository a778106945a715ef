"""Judges of answers for which many are right: each trains networks, or asks the experiment itself.

A judge gets an answer and the hints of its exercise, and says what is wrong in words, or None, and what it
found of an answer that is right.
"""

from collections.abc import Mapping
from functools import cache
from itertools import count

import numpy as np

from leaky_lib.arguments import finite_number
from leaky_lib.exercises.slips import as_number, told
from leaky_lib.experiments.choice import sweep
from leaky_lib.experiments.death import training_death
from leaky_lib.experiments.patients import CURED, FAULTS, REPAIRABLE, heal, patient

Hints = Mapping[str, str]
Judgement = tuple[str | None, str]
"""What is wrong, and what was found."""


def kills_half(answer: object, hints: Hints) -> Judgement:
    """A learning rate that ends between 40 and 60 % of the units of 20 ReLU networks."""
    learning_rate = as_number(answer)
    if learning_rate is None:
        return f"Expected a number; got {type(answer).__name__} {told(answer)}.", ""
    if not np.isfinite(learning_rate) or learning_rate <= 0:
        return f"A learning rate is a finite number above 0; you said {learning_rate:g}.", ""
    too_high = f"At {learning_rate:g} every network diverges.\nHint: go lower, start again below 10."
    if learning_rate > float(np.finfo(np.float32).max):
        return too_high, ""
    result = training_death(
        alphas=[0.0], depth=5, learning_rate=learning_rate, seeds=20, steps=200, snapshots=1, seed=100
    )
    share = result.mean("never_positive", alpha=0)
    if share.networks == 0:
        return too_high, ""
    found = f"At {learning_rate:g}, {share:.0%} of the units are never positive after 200 steps"
    if 0.4 <= share.value <= 0.6:
        return None, f"{found}. "
    where = "higher" if share.value < 0.4 else "lower"
    return f"{found}; wanted 40 % to 60 %.\nHint: go {where}.", ""


DESIGNED = ("data", "alphas", "depths", "learning_rates", "seeds")


def could_prove_wrong(design: Mapping, hints: Hints) -> Judgement:
    """A sweep that can test that α = 0.3 beats ReLU on any data at any depth."""
    said = {name: design.get(name, ...) for name in DESIGNED}
    if still_open := [name for name, value in said.items() if value is ... or value is None]:
        return f"Still open: {', '.join(still_open)}.", ""
    if not isinstance(design["data"], str):
        got = told(design["data"])
        return f'data: one name, such as "moons"; got {got}. A sweep answers for one data set.', ""
    for name in ("alphas", "depths", "learning_rates"):
        if not isinstance(design[name], list | tuple | range):
            return f"{name}: a list of numbers; got {told(design[name])}.", ""
    try:
        sweep.live(**design)
    except (TypeError, ValueError) as error:
        return f"The sweep does not take it. {error}", ""
    hint = _missing_in(list(design["alphas"]), list(design["depths"]), design)
    return f"Hint: {hints[hint]}" if hint else None, ""


def _missing_in(alphas: list, depths: list, design: Mapping) -> str | None:
    rates = design["learning_rates"]
    faults = {
        "without_baseline": 0 not in alphas,
        "baseline_first": alphas[0] != 0,
        "without_subject": not any(np.isclose(a, 0.3) for a in alphas if not isinstance(a, str)),
        "too_few_seeds": design["seeds"] < 10,
        "one_depth": len(set(depths)) == 1,
        "depths_alike": max(depths) - min(depths) < 2,
        "one_rate": max(rates) < 4 * min(rates),
    }
    return next((fault for fault, present in faults.items() if present), None)


LEVERS = {
    "learning_rate": 0.03,
    "alpha": 0.0,
    "normalised": False,
    "optimiser": "adam",
    "warm_up": 0,
    "bias": 0.0,
}
"""What can be changed about the network that is to be repaired, and how it is broken: as it stands it loses
channels, and accuracy with them."""

BROKEN_NETWORK = {
    **{"data": "digits", "network": "convolutional", "gain": None, "depth": 8, "width": 8},
    **{"steps": 60, "batch": 60, "seeds": 4, "snapshots": 1, "look_at": 20, "seed": 52},
}

REPAIRED = 0.85


@cache
def accuracy_with(alpha: float, **levers: object) -> float:
    """Mean test accuracy of four networks whose levers stand so; one that diverged counts as a guess."""
    result = training_death(**BROKEN_NETWORK, **levers, alphas=[alpha])
    return float(np.nan_to_num(result.of("accuracy"), nan=0.1).mean())


def repairs(answer: Mapping, hints: Hints) -> Judgement:
    """Two ways to repair the broken network, each with a lever of its own."""
    if len(answer) != 2 or any(not isinstance(change, Mapping) or not change for change in answer.values()):
        return f"Two dicts are wanted, each with at least one of {', '.join(LEVERS)}.", ""
    unknown = {told(name, str) for change in answer.values() for name in change} - set(LEVERS)
    if unknown:
        return f"Not one of the levers {', '.join(LEVERS)}: {', '.join(sorted(unknown))}.", ""
    for way, change in answer.items():
        levers = {**LEVERS, **change}
        try:
            alphas = [finite_number("alpha", levers.pop("alpha"))]
            training_death.live(**BROKEN_NETWORK, **levers, alphas=alphas)  # trains nothing yet
        except (TypeError, ValueError) as error:
            return f"{way}: {error}", ""
    first, second = (
        {name for name, value in change.items() if value != LEVERS[name]} for change in answer.values()
    )
    if first <= second or second <= first:
        return f"Hint: {hints['same_lever']}", ""
    for name, change in answer.items():
        right = accuracy_with(**{**LEVERS, **change})
        if right < REPAIRED:
            said = f"{name}: accuracy {format(right, _short_of(REPAIRED, right))} over four networks"
            return f"{said}; wanted {REPAIRED}.\nHint: {hints['not_enough']}", ""
    return None, ""


def cures(answer: Mapping, hints: Hints) -> Judgement:
    """A diagnosis and a repair of the patient of the learner's number."""
    if answer.get("patient", ...) is ...:
        return "patient: put your number here, such as 7.", ""
    try:
        sick = patient(answer["patient"])
    except (TypeError, ValueError) as error:
        return f"patient: {error}", ""
    fault, repair = answer.get("fault", ...), answer.get("repair", ...)
    fault = fault.strip().lower() if isinstance(fault, str) else fault
    if not isinstance(fault, str) or fault not in FAULTS:
        return f"fault: say one of {', '.join(map(repr, FAULTS))}.", ""
    if fault != sick.fault:
        return f"fault: not {fault}. Hint: {hints[f'not_{fault}']}", ""
    if not isinstance(repair, Mapping) or not repair:
        wanted = ", ".join(REPAIRABLE)
        return f"fault: right. repair: a dict is wanted that changes one or more of {wanted}.", ""
    try:
        cured = heal(sick, repair)
    except (TypeError, ValueError) as error:
        return f"fault: right. repair: {error}", ""
    if cured.value >= CURED:
        return None, ""
    settings = sick.after(repair).settings
    bent = abs(settings["alpha"] - 1) > 0.5
    removed = (fault == "dead" and settings["bias"] >= 0) or (fault == "straight" and bent)
    said = f"accuracy {format(cured, _short_of(CURED, cured.value))} over {cured.networks} networks"
    hint = hints["cause_removed" if removed else f"still_{fault}"]
    return f"fault: right. repair: {said}; wanted {CURED}.\nHint: {hint}", ""


def _short_of(wanted: float, value: float) -> str:
    """Format of a number that falls short: as many decimals as show it, but two at least."""
    decimals = next(places for places in count(2) if round(value, places) < wanted)
    return f".{decimals}f"
