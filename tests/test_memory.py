"""A training keeps the memory that it has freed, for a while."""

import platform
import subprocess
import sys

import pytest

CODE = """
import resource, sys
from seqtool.training import setup
setup.SECONDS = 0.0
freed = setup.FreedMemory() if sys.argv[1] != "left alone" else None
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
block = b"x" * (32 << 20)
del block
before = faults()
for _ in range(20):
    block = b"x" * (32 << 20)
    del block
    if sys.argv[1] == "given back":
        freed()
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_a_freed_block_is_fetched_again_from_the_kernel_only_where_it_was_given_back():
    faults = {}
    for kind in ("kept", "given back", "left alone"):
        made = subprocess.run([sys.executable, "-c", CODE, kind], capture_output=True, text=True, check=True)
        faults[kind] = int(made.stdout)
    assert faults["kept"] < 100
    assert min(faults["given back"], faults["left alone"]) > 1000
