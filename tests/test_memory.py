"""A training keeps the memory that it has freed."""

import platform
import subprocess
import sys

import pytest

CODE = """
import resource, sys
if sys.argv[1] == "kept":
    from seqtool.train.memory import keep_freed_memory
    keep_freed_memory()
block = b"x" * (32 << 20)
del block
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    block = b"x" * (32 << 20)
    del block
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_a_freed_block_is_not_fetched_again_from_the_kernel():
    faults = {}
    for kind in ("kept", "given back"):
        made = subprocess.run([sys.executable, "-c", CODE, kind], capture_output=True, text=True, check=True)
        faults[kind] = int(made.stdout)
    assert faults["kept"] < 100 < faults["given back"]
