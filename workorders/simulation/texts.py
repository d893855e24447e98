"""What people say: texts written for this project, by category, with a place put in (pure)."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

FILE = Path(__file__).resolve().parent / "data" / "texts.csv"

SPOTS = (
    "{n}号楼{u}单元门口",
    "{n}号楼{u}单元三层",
    "{n}号楼东侧",
    "{n}号楼北侧",
    "{n}号楼地下室入口",
    "小区东门",
    "小区南门",
    "小广场",
    "菜市场后巷",
    "公交站旁",
    "幼儿园门前",
    "便民服务点旁",
    "停车场入口",
    "文化活动室旁",
    "健身角",
    "沿街商铺前",
    "凉亭旁",
    "{n}号院内",
)
RURAL_SPOTS = (
    "村委会门前",
    "{n}社路口",
    "村道{n}号杆旁",
    "文化广场",
    "水渠边",
    "果园路口",
    "{n}社老槐树下",
    "村卫生室旁",
)
HOMES = ("{n}号楼{u}单元", "{n}号院", "{n}号楼", "{n}号楼{u}单元二层")
RURAL_HOMES = ("{n}社", "{n}社{u}巷")
# Matters of people and homes rather than of the street.
_AT_HOME = ("0101", "0102", "0103", "0202", "0204", "0306", "0403", "08", "10", "11", "1305", "1403", "1405", "15")
RETURNS = ("不属于本单位职责范围", "现场核实权属为物业管理区域", "该路段由市级养护单位负责", "反映事项涉及其他部门审批")
REWORKS = (
    "现场仍有一半没有清理干净",
    "修好当天又坏了，请重新处理",
    "只做了表面处理，隐患还在",
    "反映人指认的位置没有处理到",
)
DECLINES = (
    "现场核查未发现所反映的情况。",
    "属于法院已受理事项，建议按司法程序办理。",
    "同一事项已答复，无新的情况。",
    "反映的位置不明确，多次联系不上反映人。",
)
EXTENSIONS = (
    "配件需从厂家调货，预计延后到货",
    "连日降雨，不具备施工条件",
    "需要业主大会表决后动用维修资金",
    "管线权属需要现场会商确认",
)
SUSPENSIONS = ("涉及历史遗留产权，等待专题会议研究", "需列入年度改造计划，待资金到位", "等待供电部门停电窗口配合施工")
VOIDS = ("地点选错了，重新上报", "重复点击提交了两次", "情况已当场消除")
URGES = ("反映人再次来电询问进度，请抓紧办理", "请今天下班前给反映人一个说法", "临近时限，请反馈处理进展")
SUPERVISIONS = ("同类问题反复出现，请拿出根治办法", "超期未办结，请说明原因并限期整改", "群众多次反映，挂牌督办")
WHISTLES = ("社区无执法权，请到场联合处置", "涉及多个部门，请到现场会商", "存在安全风险，请立即到场")
ATTEMPTS = ("社区已两次协调未果，超出权限", "责任主体为市级单位，街道协调困难", "多部门意见不一，请上级统筹")
CO_TASKS = ("请派人配合拆除并清运", "请提供地下管线资料并派员到场", "请协助疏导交通")
CO_RESULTS = ("已派人到场配合，完成本单位任务", "资料已提供，现场交底完成")
CHECKED = ("现场已处理到位", "已到现场查看，情况属实", "与反映人一同查看，已解决", "")
NOTES = ("反映人表示满意", "反映人表示处理及时", "反映人表示基本满意，希望长效管理", "")
UNHAPPY = ("反映人认为处理不彻底", "反映人对处理速度不满意")
COMMENTS = ("请注意现场安全", "已与物业负责人联系", "请处理前后都拍照留存", "该点位上月也反映过")
REMARKS = ("补充一下，今天又出现了同样的情况。", "位置就在大门左手边。", "请尽快处理，谢谢。")
LOST_TIME = ("当日连续处置多处点位，完成较晚", "等待现场人员开门后才处置完毕")


@dataclass(frozen=True)
class Text:
    """What is reported, what was done, and what the public is told. `{p}` is the place."""

    code: str
    weight: int
    description: str
    result: str
    answer: str


@cache
def all_texts() -> tuple[Text, ...]:
    """Every text of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Text(row["code"], int(row["weight"]), row["description"], row["result"], row["answer"])
            for row in csv.DictReader(file)
        )


@cache
def by_code() -> dict[str, tuple[Text, ...]]:
    """{category code: its texts}."""
    found = defaultdict(list)
    for text in all_texts():
        found[text.code].append(text)
    return {code: tuple(texts) for code, texts in found.items()}


def spot(dice: Random, code: str, *, rural: bool) -> str:
    """A place inside a grid where a matter of this category may be."""
    if code.startswith(_AT_HOME):
        names = RURAL_HOMES if rural else HOMES
    else:
        names = RURAL_SPOTS if rural else SPOTS
    return dice.choice(names).format(n=dice.randint(1, 28), u=dice.randint(1, 5))
