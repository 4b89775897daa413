"""Electricity loads: public copies, each pinned to a commit and a sum."""

from __future__ import annotations

from seqtool import Source, SourceFile

_RAW = "https://raw.githubusercontent.com"

SOURCES: tuple[Source, ...] = (
    Source(
        name="taylor",
        summary="demand of England and Wales, half-hourly, 5 June to 27 August 2000 (4032 values, no stamps)",
        home="https://pkg.robjhyndman.com/forecast/reference/taylor.html",
        licence="GPL-3 (R package forecast)",
        citation="J. W. Taylor (2003), Short-term electricity demand forecasting using double seasonal smoothing",
        files=(
            SourceFile(
                name="electricity/taylor.csv",
                url=f"{_RAW}/unit8co/darts/2be8e43fbdc1265209f33bbe8bae81f3e4d9146f/datasets/taylor.csv",
                sha256="0c9cbfcb414fc0897ea27773f1dabbb933184c09b90b750d2029631d4a451ed0",
                size=24_196,
                start="2000-06-05T00:00",
                step=1800,
            ),
        ),
    ),
    Source(
        name="ld-250",
        summary="one client of ElectricityLoadDiagrams20112014, the first 1000 quarter-hours (no stamps)",
        home="https://archive.ics.uci.edu/dataset/321/electricityloaddiagrams20112014",
        licence="CC BY 4.0 (UCI)",
        files=(
            SourceFile(
                name="electricity/LD_250.npy",
                url=f"{_RAW}/MarkPotanin/rnn_seminar/0cac6f0f0ab1e96a4fd077a211df087ae6a9cc75/data/LD_250.npy",
                sha256="5b7068192dd7db5bb5cccc77094118bc79e06f8065955d4d9dd3485bf5f8320e",
                size=8_128,
            ),
        ),
    ),
)
