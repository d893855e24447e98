"""What kind of problem a text may be about: a match of words, open to inspection. A hint, never a decision."""

from dataclasses import dataclass

from workorders import catalogue
from workorders.models import Category

MOST = 5

# What people say where the taxonomy says it in the words of an office. A longer word is a surer sign.
SAID = {
    "0102": "邻居 楼上漏水 吵架",
    "0103": "物业费 物业公司 物业不管",
    "0202": "诈骗 刷单 陌生电话",
    "0206": "遛狗 不牵绳 狗咬 狗叫",
    "0301": "消防通道 占用通道 堵住通道",
    "0302": "楼道 杂物 堆在走廊",
    "0303": "电动车 飞线 充电",
    "0304": "灭火器 消火栓",
    "0306": "着火 冒烟 起火",
    "0402": "工地 脚手架",
    "0403": "燃气 煤气味 漏气",
    "0404": "高空坠物 外墙脱落 掉砖 危房",
    "0405": "电梯 困人 扶梯",
    "0501": "垃圾 脏 异味垃圾 没人清扫",
    "0502": "建筑垃圾 装修垃圾 渣土",
    "0503": "小广告 牛皮癣",
    "0504": "占道 摆摊 店外",
    "0505": "违建 私搭 乱建 搭棚",
    "0506": "分类 垃圾桶",
    "0507": "乱停 停车 共享单车 僵尸车",
    "0508": "广告牌 招牌",
    "0601": "路面 坑洼 塌陷 破损",
    "0602": "井盖",
    "0603": "路灯 灯不亮 灯坏",
    "0604": "污水 下水道 堵塞 外溢",
    "0605": "水管 爆裂 漏水",
    "0606": "树 草坪 绿化 树枝",
    "0701": "噪声 噪音 太吵 扰民 广场舞",
    "0702": "油烟 异味 臭味",
    "0703": "扬尘 灰尘",
    "0704": "排污 河水 河道",
    "0705": "焚烧 烧垃圾 烧秸秆",
    "0804": "暖气 供暖 不热",
    "1201": "食品 过期 变质",
    "1205": "欠薪 拖欠工资 工资",
    "1305": "停水 停电 停气",
}
_SAID = {code: tuple(words.split()) for code, words in SAID.items()}


@dataclass(frozen=True)
class Guess:
    """A category and how likely it is among those that match at all; the probabilities of all add up to 1."""

    category: Category
    probability: float


def guess(text: str) -> list[Guess]:
    """The categories whose names and words the text holds, the likeliest first; none when nothing matches."""
    present, lowered = _pairs(text), text.lower()
    scores = {}
    for category in catalogue.categories():
        if category.is_minor and category.is_active:
            score = _name(category.name, present, lowered) + _english(category.name_en, lowered)
            score += sum(len(word) for word in _SAID.get(category.code, ()) if word in lowered)
            if score:
                scores[category] = score
    total = sum(scores.values())
    likeliest = sorted(scores, key=lambda one: (-scores[one], one.code))[:MOST]
    return [Guess(category, round(scores[category] / total, 3)) for category in likeliest]


def _name(name: str, present: set[str], text: str) -> float:
    """The name word for word counts its length; else the share of its pairs of letters, squared so that chance hits
    weigh little."""
    if name in text:
        return float(len(name))
    pairs = _pairs(name)
    return (len(pairs & present) / len(pairs)) ** 2 if pairs else 0.0


def _english(name: str, text: str) -> float:
    """How many of the longer words of the name occur."""
    words = {word.strip(",").rstrip("s") for word in name.lower().replace("/", " ").split() if len(word) > 3}
    return float(sum(2 for word in words if word in text))


def _pairs(text: str) -> set[str]:
    """The pairs of neighbouring letters and digits: serves Chinese without cutting words."""
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    return {plain[place : place + 2] for place in range(len(plain) - 1)}
