"""How well: schemes, records, runs with what they counted, scores, manual items, appeals."""

from assessment.models.adjustment import Adjustment
from assessment.models.appeal import Appeal
from assessment.models.class_share import ClassShare
from assessment.models.event import AssessmentEvent
from assessment.models.follow_up import FollowUp
from assessment.models.record import FactRecord
from assessment.models.review import AnnualReview
from assessment.models.run import Counted, Run
from assessment.models.scheme import Scheme, SchemeVersion
from assessment.models.score import Charge, Score, ScoreItem

__all__ = [
    "Adjustment",
    "AnnualReview",
    "Appeal",
    "AssessmentEvent",
    "Charge",
    "ClassShare",
    "Counted",
    "FactRecord",
    "FollowUp",
    "Run",
    "Scheme",
    "SchemeVersion",
    "Score",
    "ScoreItem",
]
