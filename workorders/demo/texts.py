"""The standard texts of the demo city: what its people write again and again, by category, state and unit."""

from personnel.models import Unit
from workorders.models import Category, StandardText
from workorders.vocabulary import Status

S = Status
MANAGEMENT = "620105-UM"
# text, state, category, unit; an empty one fits all.
TEXTS = (
    ("请到现场核实后尽快办理。", S.FILED, "", ""),
    ("涉及居民出行安全，请先设置警示标志再组织处置。", S.FILED, "0601", ""),
    ("请在清运后拍照反馈，注意覆盖防尘。", S.FILED, "0502", ""),
    ("请写明门牌号、楼栋或参照物后重新上报。", S.REPORTED, "", ""),
    ("该事项已有工单在办，请关注原工单进展。", S.REPORTED, "", ""),
    ("经现场核实，不在本单位管养范围内。", S.DISPATCHED, "", ""),
    ("已到现场处置完毕，现场已恢复正常。", S.HANDLING, "", ""),
    ("已清运完毕，并提醒周边住户和施工方不要随意倾倒。", S.HANDLING, "0502", ""),
    ("已更换损坏部件，路灯恢复照明。", S.HANDLING, "0603", ""),
    ("已劝离占道经营，后续加强巡查。", S.HANDLING, "0504", MANAGEMENT),
    ("现场问题仍未解决，请继续处置。", S.FED_BACK, "", ""),
    ("已电话回访，对办理结果表示认可。", S.REVISITING, "", ""),
)


def load() -> None:
    """Write them down, for a city that has none."""
    categories = dict(Category.objects.values_list("code", "pk"))
    units = dict(Unit.objects.filter(code=MANAGEMENT).values_list("code", "pk"))
    StandardText.objects.bulk_create(
        [
            StandardText(text=text, status=status, category_id=categories.get(category), unit_id=units.get(unit))
            for text, status, category, unit in TEXTS
        ]
    )
