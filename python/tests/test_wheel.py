"""The package builds a wheel that installs."""

import subprocess
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path = PROJECT) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout  # noqa: S603 our own commands


def test_the_wheel_installs(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    sources = {path.relative_to(PROJECT / "src").as_posix() for path in (PROJECT / "src").rglob("*.py")}
    assert sources <= {*names}
    assert "ncsweep_torch/py.typed" in names
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv" / "bin" / "pip", "install", "--quiet", "--no-index", "--no-deps", wheel)
    assert (tmp_path / "venv" / "bin" / "ncsweep-torch").exists()
    found = run(
        tmp_path / "venv" / "bin" / "python", "-c", "import ncsweep_torch; print(ncsweep_torch.__version__)", cwd=tmp_path
    )
    assert found == "0.1.0\n"
