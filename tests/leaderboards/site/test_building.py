from pathlib import Path

import pytest

from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from leaderboards.site.build import SiteError, build_site
from tests.leaderboards.made_runs import MadeRun, write_run


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, several_runs: Path):
    (tmp_path / "mine.txt").write_text("mine")
    board = make_leaderboard([read_record(path) for path in find_runs([several_runs])])
    with pytest.raises(SiteError, match="holds other files"):
        build_site(board, tmp_path, title="x")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_site_is_built_anew_in_its_place(tmp_path: Path):
    out = tmp_path / "site"
    for model in ("first", "second"):
        write_run(tmp_path / model, MadeRun(model, limit=3))
        build_site(make_leaderboard([read_record(tmp_path / model)]), out, title="x", published=False)
    assert {path.stem for path in (out / "models").iterdir()} == {"second"}
    assert "Published elsewhere" not in (out / "index.html").read_text()
