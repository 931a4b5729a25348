"""Mutation testing: `consent/` is changed in thousands of small ways; a test has to notice each.

In      The names of modules to change, such as `residual standing`; none: all of consent/.
Out     The share that was noticed, by module, and the changes that were not; exit 1 below 95 %.
Rule    Works on a copy, with mutmut in an environment of its own that sees this one's packages. A
        change that ended by the clock counts as noticed. Pages printed for people are left out.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ENVIRONMENT: Final = ROOT / ".venv-mutate"
COPY: Final = ROOT / ".mutate"
MUTMUT: Final = "mutmut==3.8.1"
WANTED: Final = 95.0
_COPIED: Final = ("consent", "gateway", "mappings", "docs", "examples", "tests")
_PAGES: Final = ("policy_page", "label_page")
_SURVIVED: Final = 0
_UNTESTED: Final = 33
_CONFIGURATION: Final = """
[tool.mutmut]
source_paths = ["consent"]
only_mutate = {modules}
do_not_mutate = {pages}
also_copy = ["gateway", "mappings", "docs", "examples", "tools"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tools.cold_caches"]
pytest_add_cli_args_test_selection = ["tests/unit/consent"]
"""


def main(modules: list[str]) -> int:
    """Prepare, run, tell."""
    _prepare(modules)
    mutmut = [str(ENVIRONMENT / "bin" / "mutmut"), "run", "--max-children", "1"]
    subprocess.run(mutmut, cwd=COPY, check=False, stdout=subprocess.DEVNULL)
    return _told(modules)


def _prepare(modules: list[str]) -> None:
    if not (ENVIRONMENT / "bin" / "mutmut").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        inside = next((ENVIRONMENT / "lib").glob("python*")) / "site-packages"
        ours = next(Path(one) for one in sys.path if one.endswith("site-packages"))
        (inside / "project.pth").write_text(f"{ours}\n", encoding="utf-8")
        subprocess.run([str(ENVIRONMENT / "bin" / "pip"), "install", "-q", MUTMUT], check=True)
    shutil.rmtree(COPY, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__", "judges", "samples", "golden")
    for name in (*_COPIED, "tools"):
        shutil.copytree(ROOT / name, COPY / name, ignore=leave)
    names = [f"consent/{one}.py" for one in modules] or ["consent/*.py"]
    pages = [f"consent/{one}.py" for one in _PAGES]
    more = _CONFIGURATION.format(modules=json.dumps(names), pages=json.dumps(pages))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (COPY / "pyproject.toml").write_text(project + more, encoding="utf-8")


def _told(modules: list[str]) -> int:
    noticed = made = 0
    for path in sorted((COPY / "mutants" / "consent").glob("*.meta")):
        name = path.name.removesuffix(".py.meta")
        found = json.loads(path.read_text(encoding="utf-8")).get("exit_code_by_key", {})
        ended = {change: code for change, code in found.items() if code is not None}
        if not ended or (modules and name not in modules):
            continue
        missed = [one for one, code in ended.items() if code in (_SURVIVED, _UNTESTED)]
        made, noticed = made + len(ended), noticed + len(ended) - len(missed)
        sys.stdout.write(f"{name}\t{len(ended) - len(missed)} of {len(ended)}\n")
        sys.stdout.writelines(f"    {one}\n" for one in missed)
    share = 100 * noticed / made if made else 0.0
    sys.stdout.write(f"noticed {noticed} of {made}: {share:.1f} %\n")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
