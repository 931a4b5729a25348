"""Project Wycheproof's vectors, which are made to find what implementations get wrong.

In      Go and its module proxy: the vectors are published as a Go module. None of them is copied
        here.
Out     Cases of a file, each with its group.
Source  https://github.com/C2SP/wycheproof
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

VERSION: Final = "v0.0.0-20260902155932-3fa63dd0344a"
SUM: Final = "h1:pNbL2nztRsWfW/ispAwsvcDFxs9Id38uIsR2/Up5G2c="


class NoVectorsError(Exception):
    """They cannot be had here."""


@dataclass(frozen=True)
class Case:
    """One vector, its members by name, and those of the group it is in."""

    group: dict[str, Any]
    own: dict[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether it has to be taken."""
        return bool(self.own["result"] == "valid")

    @property
    def is_bad(self) -> bool:
        """Whether it has to be refused; some may be either."""
        return bool(self.own["result"] == "invalid")

    def bytes_of(self, name: str) -> bytes:
        """A member that is hexadecimal."""
        return bytes.fromhex(self.own[name])

    def __repr__(self) -> str:
        return f"{self.own['tcId']} {self.own['comment']}"


@dataclass(frozen=True)
class Vectors:
    """The folder of the module."""

    folder: Path

    @classmethod
    def fetched(cls, scratch: Path) -> "Vectors":
        """The pinned version, checked by its hash. Errors: NoVectorsError."""
        go = shutil.which("go")
        if go is None:
            raise NoVectorsError("Go is not on this machine")
        done = subprocess.run(
            [go, "mod", "download", "-json", f"github.com/c2sp/wycheproof@{VERSION}"],
            cwd=scratch,
            env=os.environ | {"GOFLAGS": "-mod=mod"},
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise NoVectorsError("the Go module of the vectors cannot be had")
        said = json.loads(done.stdout)
        assert said["Sum"] == SUM, "the vectors are not those that are pinned"
        return cls(Path(said["Dir"], "testvectors_v1"))

    def cases(self, name: str) -> Iterator[Case]:
        """Every vector of a file."""
        content = json.loads(self.folder.joinpath(f"{name}_test.json").read_text("utf-8"))
        for group in content["testGroups"]:
            for own in group.pop("tests"):
                yield Case(group, own)
