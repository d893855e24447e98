"""What runs, scores and appeals look like in answers."""

from decimal import Decimal

from api.workorders.body import local
from assessment.explaining import Evidence, Sheet
from assessment.models import Appeal, Run, Score
from assessment.what_if import Moved
from grids.directory import directory

_SCORES = "/api/v1/assessment/scores/"


def number(value: Decimal | None) -> float | None:
    """Points as JSON writes them; they have two decimals, so nothing is lost."""
    return None if value is None else float(value)


def area_body(area_id: int) -> dict:
    """Code and name of an area."""
    place = directory().by_id[area_id]
    return {"code": place.code, "name": place.name}


def run_body(run: Run) -> dict:
    """A run and how far it is."""
    return {
        "id": run.pk,
        "period": run.period,
        "status": run.status,
        "progress": run.progress,
        "step": run.step,
        "area": area_body(run.area_id),
        "scheme": {"code": run.version.scheme.code, "version": run.version.number},
        "provisional": run.provisional,
        "simulated": run.simulated,
        "revision": run.revision,
        "previous": run.previous_id,
        "reason": run.reason,
        "cut_off": local(run.cut_off),
        "created_at": local(run.created_at),
        "finished_at": local(run.finished_at),
        "published_at": local(run.published_at),
        "rows": run.rows,
        "checksum": run.checksum,
        "problem": run.problem,
    }


def score_body(score: Score) -> dict:
    """One row of a ranking."""
    body = {
        "id": score.pk,
        "run": score.run_id,
        "level": score.level,
        "area": {"code": score.area.code, "name": score.name if score.level != "officer" else score.area.name},
        "score": number(score.score),
        "grade": score.grade,
        "rank": score.rank,
        "of": score.of,
        "peer_group": score.peer_group,
        "veto": score.veto,
        "workload": score.workload,
        "active_days": score.active_days,
        "not_ranked": score.get_why_not_display() or None,
    }
    if score.officer_id:
        body["officer"] = {"id": score.officer_id, "name": score.name}
    if score.unit_id:
        body |= {"area": area_body(score.area_id), "unit": {"code": score.code, "name": score.name}}
    return body


def detail_body(score: Score, sheet: Sheet, peer_median: Decimal | None) -> dict:
    """A score with every row behind it."""
    run = score.run
    return {
        **score_body(score),
        "period": run.period,
        "provisional": run.provisional,
        "revision": run.revision,
        "reason": run.reason,
        "indicator_points": number(score.indicator_points),
        "bonus": number(score.bonus),
        "deductions": number(score.deductions),
        "plain_mean": number(score.plain_mean),
        "peer_median": number(peer_median),
        "indicators": [
            {
                "code": one.code,
                "name": one.name,
                "numerator": one.numerator,
                "denominator": one.denominator,
                "value": number(one.value),
                "weight": number(one.weight),
                "points": number(one.points),
                "formula": one.formula,
                "evidence": _link(score, one),
            }
            for one in sheet.lines
        ],
        "adjustments": [
            {
                "id": one.id,
                "code": one.code,
                "name": one.name,
                "points": number(one.points),
                "cause": one.cause,
                "link": order_link(one.order),
            }
            for one in sheet.charges
        ],
    }


def _link(score: Score, line) -> str | None:
    if line.part is not None:
        return f"{_SCORES}{line.part}/"
    return f"{_SCORES}{score.pk}/evidence/{line.code}/" if line.has_evidence else None


def order_link(number: str | None) -> str | None:
    """Where an order is found."""
    return f"/api/v1/workorders/{number}/" if number else None


def evidence_body(one: Evidence) -> dict:
    """One counted row."""
    return {
        "number": one.number,
        "moment": local(one.moment),
        "in_numerator": one.in_numerator,
        "why": one.why,
        "link": order_link(one.number) if one.what in ("order", "missed") else None,
    }


def moved_body(one: Moved) -> dict:
    """A grid under other weights."""
    return {
        "id": one.score_id,
        "area": {"code": one.code, "name": one.name},
        "peer_group": one.peer_group,
        "score": one.score / 100,
        "rank": one.rank,
        "of": one.of,
        "score_before": one.before / 100,
        "rank_before": one.rank_before,
        "change": one.change,
    }


def appeal_body(row: Appeal) -> dict:
    """An appeal."""
    return {
        "id": row.pk,
        "score": row.score_id,
        "item": row.item,
        "order": row.order.number if row.order_id else None,
        "reason": row.reason,
        "state": row.state,
        "by": {"id": row.by_id, "name": row.by.name},
        "at": local(row.at),
        "answer_due": local(row.answer_due),
        "first_answer": row.first_answer,
        "second_answer": row.second_answer,
        "revision": row.outcome_id,
    }
