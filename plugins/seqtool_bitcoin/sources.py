"""Daily bitcoin prices: public copies of four files, each pinned to a commit and a sum."""

from __future__ import annotations

from seqtool import Source, SourceFile

_RAW = "https://raw.githubusercontent.com"
_YAHOO = "Yahoo Finance terms, personal use"


def _usd(label: str = "") -> SourceFile:
    return SourceFile(
        name="bitcoin/btc-usd-yahoo-2014-2026.csv",
        url=f"{_RAW}/Mario-SO/ohlcv/c3dd46bba7da49e3cfa8ab6438190ea3ae2a7ef7/data/btc.csv",
        sha256="992aaca18d507854151153f1669e4894a3111a142152a8a77e8961e1bac52643",
        size=347_013,
        label=label,
    )


def _eur(label: str = "") -> SourceFile:
    return SourceFile(
        name="bitcoin/BTC-EUR.csv",
        url=f"{_RAW}/lord97/Bitcoin-analysis/68c704a752ded87a79dbcdd59a5b9a7a4ef84d64/BTC-EUR.csv",
        sha256="6d7fd70fb6481e91c9da44341fff469608375f6f4654f65530fa28f64323eef6",
        size=251_996,
        label=label,
    )


SOURCES: tuple[Source, ...] = (
    Source(
        name="btc-usd",
        summary="Bitcoin in US dollars, daily, 2014-09-17 to 2026-08-21 (nine days missing, some unordered)",
        home="https://finance.yahoo.com/quote/BTC-USD/history",
        licence=_YAHOO,
        files=(_usd(),),
    ),
    Source(
        name="btc-2014-2018",
        summary="Bitcoin in US dollars, daily, 2014-12-01 to 2018-05-26 (the newest row first)",
        home="https://github.com/sudharsan13296/Hands-On-Deep-Learning-Algorithms-with-Python",
        licence="exchange data, no licence stated",
        files=(
            SourceFile(
                name="bitcoin/btc.csv",
                url=f"{_RAW}/sudharsan13296/Hands-On-Deep-Learning-Algorithms-with-Python"
                "/59efa4d874288f34b07807b848e4dbff34ff8aee/05.%20Improvements%20to%20the%20RNN/data/btc.csv",
                sha256="fcb13cb35e6bf30cdb17529852f0d312744f8d53dc759944b5d49ea7cdad621e",
                size=81_054,
            ),
        ),
        citation="Ravichandiran, Hands-On Deep Learning Algorithms with Python, chapter 5",
    ),
    Source(
        name="coindesk",
        summary="CoinDesk Bitcoin Price Index in US dollars, daily close, 2010-07-18 to 2016-05-24",
        home="https://www.coindesk.com/price",
        licence="CoinDesk terms, with attribution",
        files=(
            SourceFile(
                name="bitcoin/coindesk-bpi-USD-close.csv",
                url=f"{_RAW}/songshuang00/coindesk_close/23344c4cd10b19dea96a0654d5c3c8ab3c581d9e"
                "/coindesk-bpi-USD-close.csv",
                sha256="81ba86fbdd19fd5426527995f3bc2cab93ac8c7c99d5d05c2b409aa7f2506312",
                size=41_183,
            ),
        ),
        citation="CoinDesk Bitcoin Price Index",
    ),
    Source(
        name="btc-eur",
        summary="Bitcoin in euros, daily, 2014-09-17 to 2023-02-17 (one day without values)",
        home="https://finance.yahoo.com/quote/BTC-EUR/history",
        licence=_YAHOO,
        files=(_eur(),),
    ),
    Source(
        name="btc-usd-eur",
        summary="Bitcoin in US dollars and in euros, joined on dates, daily, 2014-09-17 to 2023-02-17",
        home="https://finance.yahoo.com/quote/BTC-USD/history",
        licence=_YAHOO,
        files=(_usd("USD"), _eur("EUR")),
    ),
)
