"""Names for the people of the demo city, made of surnames and given names; nobody is meant (pure)."""

from collections.abc import Iterator
from random import Random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
COMPOUND = ("欧阳", "司马", "上官", "诸葛")
FIRST = "建国志明晓丽秀英桂兰玉华文海春永德淑芳雪梅佳俊子思雨欣宇浩天一凡卫红光荣振兴世杰国庆新民立平正义长安"
SECOND = "强军伟勇磊涛斌辉鹏飞超杰敏静洁莉娟艳燕霞琴云玲萍婷琳璐瑶宁馨妍颖蕾薇洋波峰林森豪坤龙生福祥瑞成康"


def people(seed: str) -> Iterator[str]:
    """Names without end, each once."""
    dice, seen = Random(seed), set()
    while True:
        surname = dice.choice(COMPOUND) if dice.random() < 0.01 else dice.choice(SURNAMES)
        given = dice.choice(SECOND) if dice.random() < 0.25 else dice.choice(FIRST) + dice.choice(SECOND)
        name = surname + given
        if name not in seen and (len(given) == 1 or given[0] != given[1]):
            seen.add(name)
            yield name
