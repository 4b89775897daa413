"""Whether blanks part the words of texts, in many scripts; the texts are of this file alone."""

from __future__ import annotations

import pytest

from seqtool.data.unspaced import unspaced

CHINESE = ("这家餐厅的服务让人失望,菜也凉了。", "房间很干净,早餐种类多,下次还来!", "快递太慢了,等了整整两个星期。")
ENGLISH = ("the room was clean and breakfast was fine", "two weeks is far too long for a parcel", "cold food again")
WITHOUT = {
    "Chinese": CHINESE,
    "blanks for commas": (
        "这家餐厅的服务让人失望 菜也凉了",
        "房间很干净而且安静 早餐种类很多",
        "快递太慢了 等了整整两个星期",
    ),
    "Latin words inside": ("我昨天买的 iPhone 充电太慢了", "用 Python 写的脚本在 Windows 上经常出错", "WiFi信号很稳定"),
    "Japanese": (
        "部屋はとてもきれいで朝食も美味しかったです。",
        "荷物が届くまで二週間もかかりました。",
        "もう来ません",
    ),
    "Thai": ("อาหารที่ร้านนี้อร่อยมากและพนักงานบริการดี", "ห้องพักสะอาดแต่เสียงดังตลอดทั้งคืน ไม่แนะนำ"),
    "Khmer": ("អាហារនៅទីនេះឆ្ងាញ់ណាស់ហើយសេវាកម្មក៏ល្អដែរ", "បន្ទប់ស្អាតប៉ុន្តែថ្លៃពេក"),
    "as many Chinese as English texts": (*CHINESE, *ENGLISH),
    "a name each": ("Müller", "Garcia", "Nakamura", "O'Brien"),
}
WITH = {
    "English": ENGLISH,
    "Chinese words parted": ("这 家 餐厅 的 服务 让 人 失望 , 菜 也 凉 了 。", "房间 很 干净 , 早餐 种类 多"),
    "Thai words parted": ("อาหาร ที่ ร้าน นี้ อร่อย มาก และ พนักงาน บริการ ดี", "ห้องพัก สะอาด แต่ เสียง ดัง"),
    "Khmer words parted by blanks of no width": ("អាហារ\u200bនៅ\u200bទីនេះ\u200bឆ្ងាញ់\u200bណាស់",),
    "Korean": ("음식이 식어서 나왔고 직원도 불친절했어요", "방이 깨끗하고 조용해서 다시 오고 싶어요"),
    "a Chinese name": ("the sign above the door says 北京烤鸭店 in red", *ENGLISH),
    "Arabic": ("كانت الغرفة نظيفة والفطور لذيذا", "انتظرت الطرد أسبوعين كاملين"),
    "one word now and then": ("good", "so good", "not that bad", "bad", "really bad food"),
    "none": (),
    "blanks": (" ", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHOUT)
def test_no_blanks_part_the_words(name):
    assert unspaced(WITHOUT[name])


@pytest.mark.parametrize("name", WITH)
def test_blanks_part_the_words(name):
    assert not unspaced(WITH[name])


def test_texts_are_looked_at_from_the_first_to_the_last():
    assert unspaced([*ENGLISH * 400, *CHINESE * 4000])
    assert not unspaced([*CHINESE * 40, *ENGLISH * 8000])


def test_a_few_long_texts_decide_nothing():
    base64, page = "aGVsbG8g" * 6000, "这家餐厅的服务让人失望菜也凉了" * 3000
    for long in (base64, page):
        assert not unspaced([*ENGLISH * 130, long])
        assert not unspaced([long, *ENGLISH * 130])
    assert not unspaced([*WITH["Chinese words parted"] * 50, page])
    assert unspaced([*CHINESE * 130, "a page of English, with blanks between its words. " * 1000])
    assert unspaced([*WITHOUT["a name each"] * 50, "a page of English, with blanks between its words. " * 1000])
