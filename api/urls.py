"""Routes of the REST door. Every address ends with a slash; what is not here is 404 with words."""

from django.urls import path, re_path

from api.areas import Areas
from api.assessment.adjustments import AdjustmentFiles, Adjustments
from api.assessment.exports import Bulletins, Workbooks
from api.assessment.records import RecordFiles, Records
from api.assessment.runs import Runs
from api.assessment.schemes import Schemes
from api.assessment.scores import AppealFiles, Appeals, Scores
from api.assessment.spans import Reviews, RollUps
from api.assessment.versions import Versions
from api.catalogue import Categories, Deadlines, Units
from api.notices import Notices
from api.people import Me, People, Posts
from api.problems import unknown_address
from api.public import PublicReports
from api.schema import Schema, docs
from api.suggestions import Suggestions
from api.tokens import AuthToken
from api.workorders.attachments import Attachments, Photos
from api.workorders.orders import Orders

app_name = "api"

urlpatterns = [
    path("auth/token/", AuthToken.as_view({"post": "create"}), name="token"),
    path("me/", Me.as_view({"get": "read"}), name="me"),
    path("areas/", Areas.as_view({"get": "list"}), name="areas"),
    path("areas/locate/", Areas.as_view({"get": "locate"}), name="locate"),
    path("areas/<str:code>/", Areas.as_view({"get": "retrieve"}), name="area"),
    path("units/", Units.as_view({"get": "list"}), name="units"),
    path("categories/", Categories.as_view({"get": "list"}), name="categories"),
    path("deadlines/", Deadlines.as_view({"get": "read"}), name="deadlines"),
    path("workorders/", Orders.as_view({"get": "list", "post": "create"}), name="orders"),
    path("workorders/<str:number>/", Orders.as_view({"get": "retrieve"}), name="order"),
    path("workorders/<str:number>/moves/", Orders.as_view({"get": "moves"}), name="moves"),
    path("workorders/<str:number>/moves/<str:name>/", Orders.as_view({"post": "move"}), name="move"),
    path("workorders/<str:number>/similar/", Orders.as_view({"get": "similar"}), name="similar"),
    path("workorders/<str:number>/reveal/", Orders.as_view({"post": "reveal"}), name="reveal"),
    path("workorders/<str:number>/attachments/", Attachments.as_view({"post": "create"}), name="attachments"),
    path("workorders/<str:number>/attachments/<int:id>/", Photos.as_view({"get": "fetch"}), name="photo"),
    path(
        "workorders/<str:number>/attachments/<int:id>/thumbnail/",
        Photos.as_view({"get": "thumbnail"}),
        name="thumbnail",
    ),
    path("notices/", Notices.as_view({"get": "list"}), name="notices"),
    path("notices/<int:id>/read/", Notices.as_view({"post": "read"}), name="notice_read"),
    path("suggestions/", Suggestions.as_view({"post": "create"}), name="suggestions"),
    path("people/", People.as_view({"get": "list"}), name="people"),
    path("people/<int:id>/posts/", People.as_view({"get": "posts"}), name="person_posts"),
    path("posts/", Posts.as_view({"post": "create"}), name="posts"),
    path("posts/<int:id>/end/", Posts.as_view({"post": "end"}), name="post_end"),
    path("public/reports/", PublicReports.as_view({"get": "find", "post": "create"}), name="public_reports"),
    path("public/reports/<str:token>/", PublicReports.as_view({"get": "retrieve"}), name="public_report"),
    path("public/reports/<str:token>/answers/", PublicReports.as_view({"post": "answers"}), name="public_answers"),
    path("public/reports/<str:token>/remarks/", PublicReports.as_view({"post": "remarks"}), name="public_remarks"),
    path("public/reports/<str:token>/rating/", PublicReports.as_view({"post": "rating"}), name="public_rating"),
    path("assessment/schemes/", Schemes.as_view({"get": "list"}), name="schemes"),
    path("assessment/schemes/<str:code>/", Schemes.as_view({"get": "retrieve"}), name="scheme"),
    path(
        "assessment/schemes/<str:code>/versions/", Versions.as_view({"get": "list", "post": "create"}), name="versions"
    ),
    path("assessment/schemes/<str:code>/versions/<int:number>/", Versions.as_view({"get": "retrieve"}), name="version"),
    path(
        "assessment/schemes/<str:code>/versions/<int:number>/change/",
        Versions.as_view({"post": "amend"}),
        name="version_amend",
    ),
    path(
        "assessment/schemes/<str:code>/versions/<int:number>/simulate/",
        Versions.as_view({"post": "simulate"}),
        name="version_simulate",
    ),
    path(
        "assessment/schemes/<str:code>/versions/<int:number>/approve/",
        Versions.as_view({"post": "approve"}),
        name="version_approve",
    ),
    path(
        "assessment/schemes/<str:code>/versions/<int:number>/difference/",
        Versions.as_view({"get": "difference"}),
        name="version_difference",
    ),
    path("assessment/runs/", Runs.as_view({"get": "list", "post": "create"}), name="runs"),
    path("assessment/runs/<int:id>/", Runs.as_view({"get": "retrieve"}), name="run"),
    path("assessment/runs/<int:id>/publish/", Runs.as_view({"post": "publish"}), name="run_publish"),
    path("assessment/runs/<int:id>/cancel/", Runs.as_view({"post": "cancel"}), name="run_cancel"),
    path("assessment/runs/<int:id>/restart/", Runs.as_view({"post": "restart"}), name="run_restart"),
    path("assessment/runs/<int:id>/scores/", Runs.as_view({"get": "scores"}), name="run_scores"),
    path("assessment/runs/<int:id>/what-if/", Runs.as_view({"post": "what_if"}), name="run_what_if"),
    path("assessment/runs/<int:id>/workbook/", Workbooks.as_view({"get": "fetch"}), name="run_workbook"),
    path("assessment/runs/<int:id>/bulletin/word/", Bulletins.as_view({"get": "word"}), name="run_bulletin_word"),
    path("assessment/runs/<int:id>/bulletin/pdf/", Bulletins.as_view({"get": "pdf"}), name="run_bulletin_pdf"),
    path("assessment/scores/<int:id>/", Scores.as_view({"get": "retrieve"}), name="score"),
    path("assessment/scores/<int:id>/evidence/<str:code>/", Scores.as_view({"get": "evidence"}), name="evidence"),
    path("assessment/scores/<int:id>/appeals/", Scores.as_view({"post": "appeals"}), name="score_appeals"),
    path("assessment/appeals/", Appeals.as_view({"get": "list"}), name="appeals"),
    path("assessment/runs/<int:id>/comparison/", Runs.as_view({"get": "comparison"}), name="run_comparison"),
    path("assessment/roll-ups/", RollUps.as_view({"post": "create"}), name="roll_ups"),
    path("assessment/reviews/", Reviews.as_view({"get": "list", "post": "create"}), name="reviews"),
    path("assessment/adjustments/", Adjustments.as_view({"get": "list", "post": "create"}), name="adjustments"),
    path("assessment/adjustments/<int:id>/", Adjustments.as_view({"get": "retrieve"}), name="adjustment"),
    path(
        "assessment/adjustments/<int:id>/confirm/", Adjustments.as_view({"post": "confirm"}), name="adjustment_confirm"
    ),
    path(
        "assessment/adjustments/<int:id>/withdraw/",
        Adjustments.as_view({"post": "withdraw"}),
        name="adjustment_withdraw",
    ),
    path(
        "assessment/adjustments/<int:id>/evidence/",
        AdjustmentFiles.as_view({"get": "fetch"}),
        name="adjustment_evidence",
    ),
    path("assessment/records/", Records.as_view({"get": "list", "post": "create"}), name="records"),
    path("assessment/records/import/", RecordFiles.as_view({"post": "load"}), name="record_import"),
    path("assessment/records/<int:id>/", Records.as_view({"get": "retrieve"}), name="record"),
    path("assessment/records/<int:id>/correct/", Records.as_view({"post": "correct"}), name="record_correct"),
    path("assessment/appeals/<int:id>/", Appeals.as_view({"get": "retrieve"}), name="appeal"),
    path("assessment/appeals/<int:id>/evidence/", AppealFiles.as_view({"get": "fetch"}), name="appeal_evidence"),
    path("assessment/appeals/<int:id>/rule/", Appeals.as_view({"post": "rule"}), name="appeal_rule"),
    path("assessment/appeals/<int:id>/second/", Appeals.as_view({"post": "second"}), name="appeal_second"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    re_path(r"^.*$", unknown_address),
]
