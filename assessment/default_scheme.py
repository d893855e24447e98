"""The scheme an installation starts with. Source: domain §6.3–6.5. Editable by drafting a new version."""

CODE = "default"
NAME, NAME_EN = "默认方案", "Default scheme"


def _lin(start: str, end: str) -> dict:
    return {"kind": "lin", "from": start, "to": end}


def _item(*, cap: str | None = None, two: bool = False, on: bool = True, **cases: str) -> dict:
    points = {"" if case == "each" else case: amount for case, amount in cases.items()}
    return {"points": points, "cap": cap, "two": two, "on": on}


BODY = {
    "indicators": {
        "M01": {"weight": "6", "on": True, "curve": {"kind": "min"}},
        "M02": {"weight": "4", "on": True, "curve": _lin("0.60", "0.95")},
        "M03": {"weight": "8", "on": True, "curve": {"kind": "times", "factor": "5"}},
        "M04": {"weight": "4", "on": True, "curve": {"kind": "rate"}},
        "M05": {"weight": "14", "on": True, "curve": _lin("0.70", "0.98")},
        "M06": {"weight": "6", "on": True, "curve": _lin("0.80", "0.98")},
        "M07": {"weight": "6", "on": True, "curve": {"kind": "less", "share": "0.15"}},
        "M08": {"weight": "4", "on": True, "curve": {"kind": "less", "share": "0.10"}},
        "M09": {"weight": "2", "on": True, "curve": {"kind": "less", "share": "0.20"}},
        "M10": {"weight": "6", "on": False, "curve": {"kind": "rate"}},
        "S01": {"weight": "6", "on": True, "curve": _lin("0.80", "1.00")},
        "S02": {"weight": "10", "on": True, "curve": _lin("0.70", "0.95")},
        "S03": {"weight": "10", "on": True, "curve": {"kind": "rate"}},
        "S04": {"weight": "6", "on": True, "curve": _lin("0.60", "0.95")},
        "S05": {"weight": "5", "on": True, "curve": _lin("0.80", "0.98")},
        "S06": {"weight": "3", "on": False, "curve": {"kind": "rate"}},
    },
    "targets": {"urban": 20, "rural": 12, "dedicated": 10, "micro": 4},
    "own_median_target": False,
    "visit_weights": {"red": 3, "yellow": 2, "green": 1},
    "items": {
        "K01": _item(each="-2", cap="10"),
        "K02": _item(each="-3", emergency="-5", cap="15"),
        "K03": _item(each="-1", cap="10"),
        "K04": _item(each="-0.3", cap="6"),
        "K05": _item(yellow="-1", red="-3", cap="12"),
        "K06": _item(first="-0.2", third="-0.5", cap="4"),
        "K07": _item(each="-5", two=True),
        "K08": _item(each="-5", two=True),
        "K09": _item(each="-1", cap="5"),
        "K10": _item(each="-1", cap="5"),
        "K11": _item(each="-1", cap="5"),
        "K12": _item(red="-1", yellow="-0.5", green="-0.2", cap="6"),
        "K13": _item(each="-0.5", wrong="-0.2", cap="3"),
        "K14": _item(each="-1", meeting="-0.5", cap="4", on=False),
        "K15": _item(each="-0.5", cap="2"),
        "B01": _item(each="3", two=True),
        "B02": _item(each="1", backlog="2"),
        "B03": _item(street="1", district="2", city="4", province="6", two=True),
        "B04": _item(each="0.5", cap="2"),
        "B05": _item(each="1"),
        "B06": _item(each="0.5"),
        "V01": _item(each="0", two=True),
        "V02": _item(each="0", two=True),
        "V03": _item(each="0", two=True),
        "V04": _item(each="0", two=True),
        "V05": _item(each="0", two=True),
    },
    "bonus_cap": "10",
    "deduction_cap": "40",
    "lowest": "0",
    "highest": "110",
    "veto_score": "59",
    "veto_grade": "unqualified",
    "bands": [
        {"code": "excellent", "from": "90"},
        {"code": "good", "from": "80"},
        {"code": "qualified", "from": "60"},
        {"code": "unqualified", "from": "0"},
    ],
    "peer_groups": {"urban": ["urban"], "rural": ["rural"], "dedicated": ["dedicated"]},
    "min_active_days": 15,
    "dynamic_weights": False,
    "officer_share": "0.6",
    "ties": ["M05", "S02"],
    "review": {"excellent_share": None, "appeal_days": 3, "first_answer_days": 3, "second_answer_days": 5},
    "use": {
        "coefficients": {"excellent": "1.2", "good": "1.0", "qualified": "0.8", "unqualified": "0.5"},
        "talk_after": 2,
        "contract_after": 3,
    },
    "legal_basis": {},
}
