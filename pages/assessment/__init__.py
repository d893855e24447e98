"""The monthly assessment: months and runs, rankings, why a score is what it is, appeals, schemes."""

from django.urls import path

from pages.assessment import (
    appeals,
    comparison,
    differing,
    drafting,
    explain,
    exports,
    overview,
    ranking,
    runs,
    schemes,
    what_if,
)

app_name = "assessment"

urlpatterns = [
    path("", overview.index, name="index"),
    path("mine/", overview.mine, name="mine"),
    path("start/", runs.start, name="start"),
    path("runs/<int:pk>/", ranking.ranking, name="run"),
    path("runs/<int:pk>/state/", runs.state, name="state"),
    path("runs/<int:pk>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:pk>/restart/", runs.restart, name="restart"),
    path("runs/<int:pk>/publish/", runs.publish, name="publish"),
    path("runs/<int:pk>/what-if/", what_if.what_if, name="what_if"),
    path("runs/<int:pk>/comparison/", comparison.compared, name="comparison"),
    path("runs/<int:pk>/workbook/", exports.workbook_file, name="workbook"),
    path("runs/<int:pk>/bulletin/", exports.bulletin_file, name="bulletin"),
    path("scores/<int:pk>/", explain.score, name="score"),
    path("scores/<int:pk>/evidence/<slug:code>/", explain.evidence, name="evidence"),
    path("scores/<int:pk>/appeal/", appeals.new, name="appeal"),
    path("appeals/", appeals.queue, name="appeals"),
    path("appeals/<int:pk>/", appeals.decide, name="decide"),
    path("appeals/<int:pk>/again/", appeals.again, name="again"),
    path("appeals/<int:pk>/file/", appeals.file, name="file"),
    path("schemes/", schemes.index, name="schemes"),
    path("schemes/<str:code>/<int:number>/", schemes.version, name="version"),
    path("schemes/<str:code>/<int:number>/draft/", drafting.draft, name="draft"),
    path("schemes/<str:code>/<int:number>/diff/<int:other>/", differing.diff, name="diff"),
    path("schemes/<str:code>/<int:number>/try/", drafting.simulate, name="simulate"),
    path("schemes/<str:code>/<int:number>/approve/", drafting.approve, name="approve"),
    path("help/", schemes.rules, name="help"),
]
