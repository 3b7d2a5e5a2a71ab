"""A comparison in words and tables, for terminals and for Markdown; as JSON for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from harness.statistics.noise import PairedNoise
from harness.statistics.paired import PairedDifference
from harness.statistics.percent import percent, points
from leaderboards.compare.comparison import LEVEL, Comparison, VerdictFlip
from leaderboards.runs.record import RunRecord

MANY = 20
"""From how many problems on 3/n is within a tenth of the exact bound."""
NAMED = 12
"""How many won or lost problems are named before they are only counted."""


def comparison_text(comparison: Comparison, *, markdown: bool = False, named: int = NAMED) -> str:
    """The whole comparison, most important line first."""
    title = f"{comparison.first.model} -> {comparison.second.model}, {comparison.task}, pass@{comparison.k}"
    value, p_value = comparison.paired.difference.value, _p_equals(comparison.adjusted_p)
    family = f" after Holm over {comparison.comparisons} comparisons" if comparison.comparisons > 1 else ""
    if comparison.differs:
        direction = "better" if value > 0 else "worse"
        conclusion = f"The second is {direction} by {100 * abs(value):.1f} points ({p_value}{family})."
    else:
        conclusion = (
            f"No difference is shown: {100 * value:+.1f} points, {p_value}{family}. "
            f"That does not prove that there is none: see below what these problems could have shown."
        )
    parts = [
        (f"## {title}" if markdown else title),
        conclusion,
        *[f"WARNING: the settings differ: {mismatch}." for mismatch in comparison.mismatches],
        *[f"Note: {remark}" for remark in comparison.remarks],
        _scores(comparison, markdown),
        _explain_evidence(comparison.paired, comparison.noise),
    ]
    for trait in dict.fromkeys(group.trait for group in comparison.groups):
        rows = [
            [
                *(group.value, group.paired.problems, percent(group.first, " to "), percent(group.second, " to ")),
                *(points(group.paired.difference), p_text(group.paired.p_value), p_text(group.adjusted_p)),
            ]
            for group in comparison.groups
            if group.trait == trait
        ]
        parts.append(_table(rows, [trait, "problems", "first %", "second %", "difference", "p", "p, Holm"], markdown))
    parts += [_list_changes("Won", comparison.won, named), _list_changes("Lost", comparison.lost, named)]
    return "\n\n".join(parts)


def overview(comparisons: Sequence[Comparison], *, markdown: bool = False) -> str:
    """One line per comparison, with p-values adjusted over all of them."""
    header = ["task", "first", "second", "pass@k", "difference", "p", "p, Holm", "could detect"]
    rows = [
        [
            each.task,
            _mark_forged(each.first),
            _mark_forged(each.second),
            f"pass@{each.k}",
            points(each.paired.difference),
            p_text(each.paired.p_value),
            p_text(each.adjusted_p),
            f"{100 * each.paired.detectable:.1f}",
        ]
        for each in comparisons
    ]
    return _table(rows, header, markdown)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON values; fractions of 1, not per cent."""
    return {
        "task": comparison.task,
        "k": comparison.k,
        "first": _side(comparison, "first"),
        "second": _side(comparison, "second"),
        **_paired_json(comparison.paired),
        "standard_error": asdict(comparison.noise) if comparison.noise else None,
        "adjusted_p": comparison.adjusted_p,
        "comparisons": comparison.comparisons,
        "differs": comparison.differs,
        "won": [asdict(change) for change in comparison.won],
        "lost": [asdict(change) for change in comparison.lost],
        "groups": [
            {
                "trait": group.trait,
                "value": group.value,
                "first": asdict(group.first),
                "second": asdict(group.second),
                **_paired_json(group.paired),
                "adjusted_p": group.adjusted_p,
            }
            for group in comparison.groups
        ],
        "different_terms": [asdict(mismatch) for mismatch in comparison.mismatches],
        "remarks": list(comparison.remarks),
    }


def to_json(comparisons: Sequence[Comparison]) -> str:
    """Every comparison, one object each."""
    documents = [comparison_json(comparison) for comparison in comparisons]
    return msgspec.json.format(msgspec.json.encode(documents), indent=2).decode()


def p_text(p_value: float) -> str:
    """A p-value with as many digits as matter."""
    return "< 0.0001" if p_value < 0.0001 else f"{p_value:.4f}" if p_value < 0.01 else f"{p_value:.3f}"


def _p_equals(p_value: float) -> str:
    return f"p {'' if p_value < 0.0001 else '= '}{p_text(p_value)}"


def _scores(comparison: Comparison, markdown: bool) -> str:
    """The difference stands under pass@k, or under its own heading where forged passes are not in it."""
    first, second, k = comparison.first, comparison.second, comparison.k
    sides = [
        ["first", _mark_forged(first), str(first.path), percent(comparison.first_score, " to ")],
        ["second", _mark_forged(second), str(second.path), percent(comparison.second_score, " to ")],
    ]
    confirmed = [
        "not confirmed" if each is None else percent(each, " to ")
        for each in (comparison.first_confirmed, comparison.second_confirmed)
    ]
    label = "second - first, without forged" if comparison.forged else "second - first"
    rows = [[*side, each] for side, each in zip(sides, confirmed, strict=True)]
    rows.append([label, "", "", points(comparison.paired.difference), ""])
    header = ["", "model", "run", f"pass@{k} % (95 %)", f"confirmed pass@{k} %"]
    one, two = comparison.first_reliable, comparison.second_reliable
    if one is not None and two is not None:
        header.append(f"pass^{k} %")
        for row, value in zip(rows, (f"{100 * one:.1f}", f"{100 * two:.1f}", f"{100 * (two - one):+.1f}"), strict=True):
            row.append(value)
    return _table(rows, header, markdown)


def _mark_forged(record: RunRecord) -> str:
    return f"{record.model} [{record.forged} FORGED]" if record.forged else record.model


def _explain_evidence(paired: PairedDifference, noise: PairedNoise | None) -> str:
    sentences = [f"{paired.problems} common problems; {paired.difference.method}; {_p_equals(paired.p_value)}."]
    # Of runs that agree everywhere it would say 0, which the bound below corrects.
    if noise and noise.whole and noise.problems is not None and noise.samples is not None:
        sentences.append(
            f"Standard error {100 * noise.whole:.1f} points: {100 * noise.problems:.1f} by the choice of problems, "
            f"which stays with any number of samples, and {100 * noise.samples:.1f} by the samples."
        )
    elif noise and noise.whole:
        sentences.append(
            f"Standard error {100 * noise.whole:.1f} points; with two or more samples of each problem it splits into "
            f"problems and samples."
        )
    if paired.alike:
        n = paired.problems
        exact = f" (1 - 0.05^(1/{n}){f', about 3/{n}' if n >= MANY else ''})" if paired.clusters == n else ""
        sentences.append(
            f"Both runs do equally well on every problem, so the true difference lies below "
            f"{100 * paired.difference.high:.1f} points with 95 % confidence{exact}."
        )
    if paired.significant > 1:
        sentences.append(f"With so few problems no difference can become significant (p < {LEVEL}).")
    else:
        sentences.append(
            f"With problems like these a difference becomes significant (p < {LEVEL}) from about "
            f"{100 * paired.significant:.1f} points; a true difference of {100 * paired.detectable:.1f} "
            f"points is found four times in five."
        )
    return "\n".join(sentences)


def _list_changes(title: str, changes: Sequence[VerdictFlip], named: int) -> str:
    if not changes:
        return f"{title}: none"
    shown = ", ".join(
        (
            change.task_id
            if {change.first, change.second} == {0.0, 1.0}
            else f"{change.task_id} ({100 * change.first:.0f} to {100 * change.second:.0f} %)"
        )
        for change in changes[:named]
    )
    more = len(changes) - named
    return f"{title} {len(changes)}: {shown}{f' and {more} more (--all names them)' if more > 0 else ''}"


def _table(rows: Sequence[Sequence[object]], header: Sequence[str], markdown: bool) -> str:
    from tabulate import tabulate

    return tabulate(rows, header, tablefmt="github" if markdown else "simple", disable_numparse=True)


def _side(comparison: Comparison, side: str) -> dict[str, Any]:
    record = comparison.first if side == "first" else comparison.second
    score = comparison.first_score if side == "first" else comparison.second_score
    confirmed = comparison.first_confirmed if side == "first" else comparison.second_confirmed
    return {
        "model": record.model,
        "run": str(record.path),
        "run_sha256": record.run_sha256,
        "score": asdict(score),
        "confirmed_score": asdict(confirmed) if confirmed else None,
        "pass_hat_k": comparison.first_reliable if side == "first" else comparison.second_reliable,
        "forged": record.forged,
    }


def _paired_json(paired: PairedDifference) -> dict[str, Any]:
    return {
        "problems": paired.problems,
        "difference": asdict(paired.difference),
        "p_value": paired.p_value,
        "significant_from": paired.significant,
        "detectable_at_80_percent_power": paired.detectable,
    }
