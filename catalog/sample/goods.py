"""What the shop sells, by category: goods, and the colours, sizes and glazes they come in."""

from __future__ import annotations

from itertools import product as pairs
from typing import NamedTuple


class Branch(NamedTuple):
    """A category, its place in the tree, what it sells: (SKU's beginning, names, prices in yen from … to)."""

    slug: str
    name: str
    parent: str
    goods: tuple[tuple[str, str, str, int, int], ...] = ()
    kinds: tuple[tuple[str, str, str], ...] = ()


COLOURS = (
    ("NV", "紺", "Navy"),
    ("WH", "白", "White"),
    ("BK", "黒", "Black"),
    ("GR", "灰", "Grey"),
    ("OL", "オリーブ", "Olive"),
)
SIZES = (("S", "小", "small"), ("M", "中", "medium"), ("L", "大", "large"))
GLAZES = (
    ("AO", "青磁", "celadon"),
    ("SH", "白磁", "white porcelain"),
    ("KY", "黄瀬戸", "Kiseto"),
    ("TE", "鉄釉", "iron glaze"),
    ("SO", "染付", "blue and white"),
)
TEAS = (("050", "50g", "50 g"), ("100", "100g", "100 g"), ("200", "200g", "200 g"), ("TB", "ティーバッグ", "tea bags"))
INKS = (("BL", "青", "blue"), ("BK", "黒", "black"), ("RD", "朱", "vermilion"), ("GN", "深緑", "deep green"))

BRANCHES = (
    Branch("clothing", "衣類 Clothing", ""),
    Branch(
        "tops",
        "トップス Tops",
        "clothing",
        (
            ("TEE", "オーガニックコットンTシャツ", "Organic cotton T-shirt", 3200, 4800),
            ("LIN", "リネンシャツ", "Linen shirt", 7800, 12800),
            ("HAO", "羽織ジャケット", "Haori jacket", 14800, 22000),
            ("KNT", "メリノニット", "Merino knit", 9800, 16800),
        ),
        tuple((f"{c[0]}-{s[0]}", f"{c[1]} {s[1]}", f"{c[2]} {s[2]}") for c, s in pairs(COLOURS, SIZES)),
    ),
    Branch(
        "accessories",
        "小物 Accessories",
        "clothing",
        (
            ("SOK", "手編み靴下", "Hand-knit socks", 1400, 2200),
            ("TEN", "手ぬぐい", "Tenugui cloth", 900, 1600),
            ("FUR", "風呂敷", "Furoshiki wrap", 1800, 4200),
            ("BAG", "帆布トートバッグ", "Canvas tote bag", 3800, 7800),
            ("OBI", "革ベルト", "Leather belt", 5800, 9800),
        ),
        COLOURS,
    ),
    Branch("tableware", "食器 Tableware", ""),
    Branch(
        "ceramics",
        "陶磁器 Ceramics",
        "tableware",
        (
            ("YUN", "湯呑み", "Yunomi tea cup", 1800, 3600),
            ("MES", "飯碗", "Rice bowl", 2200, 4200),
            ("KYU", "急須", "Kyusu teapot", 6800, 14800),
            ("SAR", "平皿", "Flat plate", 1600, 5200),
            ("MUG", "マグカップ", "Mug", 2400, 3800),
            ("TOK", "徳利", "Tokkuri flask", 2800, 5400),
            ("HAC", "小鉢", "Small bowl", 1200, 2600),
        ),
        tuple((f"{g[0]}-{s[0]}", f"{g[1]} {s[1]}", f"{g[2]}, {s[2]}") for g, s in pairs(GLAZES, SIZES)),
    ),
    Branch(
        "cutlery",
        "箸・カトラリー Cutlery",
        "tableware",
        (
            ("HAS", "塗り箸", "Lacquered chopsticks", 1200, 4800),
            ("SPN", "木のスプーン", "Wooden spoon", 800, 1800),
            ("KNF", "三徳包丁", "Santoku knife", 9800, 24800),
        ),
        COLOURS,
    ),
    Branch("food", "食品 Food", ""),
    Branch(
        "tea",
        "お茶 Tea",
        "food",
        (
            ("SEN", "煎茶", "Sencha", 800, 3200),
            ("GYO", "玉露", "Gyokuro", 1800, 6800),
            ("HOJ", "ほうじ茶", "Hojicha", 600, 1800),
            ("MAT", "抹茶", "Matcha", 1600, 6400),
            ("GEN", "玄米茶", "Genmaicha", 600, 1600),
            ("WAK", "和紅茶", "Japanese black tea", 900, 2400),
        ),
        TEAS,
    ),
    Branch(
        "pantry",
        "調味料 Pantry",
        "food",
        (
            ("MIS", "手造り味噌", "Handmade miso", 900, 1800),
            ("SHO", "木桶仕込み醤油", "Barrel-aged soy sauce", 1200, 2800),
            ("YUZ", "柚子胡椒", "Yuzu kosho", 700, 1200),
            ("DAS", "だしパック", "Dashi sachets", 900, 1900),
            ("HON", "百花蜂蜜", "Wildflower honey", 1400, 3200),
        ),
        SIZES,
    ),
    Branch("stationery", "文具 Stationery", ""),
    Branch(
        "paper",
        "紙もの Paper",
        "stationery",
        (
            ("NOT", "和綴じノート", "Japanese-bound notebook", 800, 1800),
            ("LET", "便箋セット", "Letter set", 600, 1400),
            ("CAR", "活版カード", "Letterpress cards", 400, 1200),
            ("CAL", "日めくりカレンダー", "Daily calendar", 1600, 2800),
            ("ORI", "千代紙", "Chiyogami paper", 300, 900),
        ),
        COLOURS,
    ),
    Branch(
        "writing",
        "筆記具 Writing",
        "stationery",
        (
            ("FOU", "万年筆", "Fountain pen", 4800, 38000),
            ("BRU", "筆ペン", "Brush pen", 400, 1400),
            ("INK", "ボトルインク", "Bottled ink", 1200, 2800),
            ("PEN", "真鍮ボールペン", "Brass ballpoint", 2800, 5800),
        ),
        INKS,
    ),
    Branch(
        "seasonal",
        "季節 Seasonal",
        "",
        (
            ("UCH", "うちわ", "Uchiwa fan", 800, 1800),
            ("WAG", "和傘", "Wagasa umbrella", 9800, 18800),
            ("FUS", "風鈴", "Wind chime", 1400, 3200),
            ("DAR", "だるま", "Daruma doll", 900, 4200),
            ("MAN", "招き猫", "Maneki-neko", 1200, 5800),
            ("KEN", "けん玉", "Kendama", 1400, 2800),
            ("KOI", "鯉のぼり", "Carp streamer", 2800, 9800),
        ),
        tuple((f"{c[0]}-{s[0]}", f"{c[1]} {s[1]}", f"{c[2]} {s[2]}") for c, s in pairs(COLOURS, SIZES)),
    ),
    Branch(
        "home",
        "暮らし Home",
        "",
        (
            ("INC", "お香", "Incense", 900, 2800),
            ("CAN", "和ろうそく", "Japanese candle", 1200, 3400),
            ("TOW", "今治タオル", "Imabari towel", 1400, 5200),
            ("SOA", "炭石鹸", "Charcoal soap", 600, 1400),
            ("LAM", "行灯ランプ", "Andon lamp", 12800, 26800),
            ("BAS", "竹かご", "Bamboo basket", 3400, 9800),
            ("NOR", "のれん", "Noren curtain", 4800, 9800),
            ("ZAB", "座布団", "Zabuton cushion", 5400, 8800),
        ),
        tuple((f"{c[0]}-{s[0]}", f"{c[1]} {s[1]}", f"{c[2]} {s[2]}") for c, s in pairs(COLOURS, SIZES)),
    ),
)
