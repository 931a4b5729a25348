"""Where the shared samples stand beside the repository; tests skip where they do not."""

from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "samples"


@pytest.fixture
def sample_folder():
    """A folder of samples by its path below them."""

    def folder(*parts):
        found = SAMPLES.joinpath(*parts)
        if not found.is_dir():
            pytest.skip("the shared samples are not beside this repository")
        return found

    return folder
