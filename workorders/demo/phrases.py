"""The usual sentences of the demo city: for any order, for a state, for a category, for one unit."""

from personnel.models import Unit
from workorders.models import Category, StandardText
from workorders.vocabulary import Status

S = Status
# (text, status, category, unit, times used).
PHRASES = (
    ("请在时限内办结，并上传处置前后照片。", S.FILED, "", "", 46),
    ("反映位置不够准确，请网格员到场核实后再派遣。", S.REPORTED, "", "", 31),
    ("与已受理的工单为同一件，合并办理，进展以主单为准。", S.REPORTED, "", "", 18),
    ("不属于本系统受理范围，已告知反映人向主管部门反映。", S.REPORTED, "", "", 9),
    ("权属不在本单位，建议派遣至权属单位办理。", S.DISPATCHED, "", "", 14),
    ("已到现场，正在处置，预计今日完成。", S.HANDLING, "", "", 27),
    ("需配件到货后施工，申请延期，期间已设置警示标志。", S.HANDLING, "", "", 8),
    ("现场核查与反馈一致，问题已消除。", S.FED_BACK, "", "", 33),
    ("现场仍有遗留，请返工后重新反馈。", S.FED_BACK, "", "", 6),
    ("已电话回访，反映人对办理结果表示认可。", S.REVISITING, "", "", 22),
    ("垃圾已清运，地面已冲洗，已提醒物业加强巡查。", S.HANDLING, "0502", "", 12),
    ("故障路灯已修复，当晚亮灯正常。", S.HANDLING, "0603", "", 11),
    ("已责令整改并复查，责任人签字确认。", S.HANDLING, "", "620105-UM", 5),
)


def load() -> None:
    """Write them."""
    categories = {one.code: one for one in Category.objects.exclude(parent=None)}
    units = {one.code: one for one in Unit.objects.filter(code__in=[unit for *_rest, unit, _uses in PHRASES if unit])}
    StandardText.objects.bulk_create(
        StandardText(text=text, status=status, category=categories.get(category), unit=units.get(unit), uses=uses)
        for text, status, category, unit, uses in PHRASES
    )
