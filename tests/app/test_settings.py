"""Settings from the environment, and what is refused."""

from pathlib import Path

import platformdirs
import pytest

from tieout.app import Settings, home_of, settings_from_environment
from tieout.model.error import ConfigError

LIMITS = ("TIEOUT_BODY_MAX_BYTES", "TIEOUT_FILE_MAX_BYTES", "TIEOUT_PARK_DAYS")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIEOUT_HOME", "TIEOUT_DATABASE_URL", *LIMITS):
        monkeypatch.delenv(name, raising=False)


def test_nothing_need_be_set() -> None:
    standard = Path(platformdirs.user_data_dir("tieout", appauthor=False)).resolve()
    assert settings_from_environment() == Settings(
        home=standard,
        database_url=None,
        body_bytes_max=5_000_000,
        file_bytes_max=200_000_000,
        park_days=3,
        attempts_max=6,
        batch=200,
    )


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIEOUT_HOME", str(tmp_path / "books"))
    monkeypatch.setenv("TIEOUT_DATABASE_URL", "postgresql://db.example/tieout")
    for name, value in zip(LIMITS, ("1000", "2000", "9"), strict=True):
        monkeypatch.setenv(name, value)
    assert settings_from_environment() == Settings(
        home=tmp_path / "books",
        database_url="postgresql://db.example/tieout",
        body_bytes_max=1000,
        file_bytes_max=2000,
        park_days=9,
    )


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    standard = settings_from_environment()
    for name in ("TIEOUT_HOME", "TIEOUT_DATABASE_URL", *LIMITS):
        monkeypatch.setenv(name, "")
    assert settings_from_environment() == standard


def test_a_home_that_is_given_goes_before_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIEOUT_HOME", str(tmp_path / "theirs"))
    assert settings_from_environment(tmp_path / "mine").home == tmp_path / "mine"
    assert home_of(str(tmp_path / "mine")).home == tmp_path / "mine"
    assert home_of(None).home == tmp_path / "theirs"


def test_a_home_is_absolute_wherever_one_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "anna"))
    assert home_of("books/../other").home == tmp_path / "other"
    assert home_of("~/books").home == tmp_path / "anna" / "books"


def test_the_mappings_of_the_house_stand_in_its_home(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).mappings == tmp_path / "mappings"


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("wrong", ["0", "-1", "5MB", "1.5", "1_000", " 7", "٣", "1e6"])
def test_a_limit_is_a_whole_number_from_one(name: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, wrong)
    with pytest.raises(ConfigError) as refused:
        settings_from_environment()
    assert refused.value.what == f"{name} is “{wrong}”"
    assert refused.value.where == name
    assert refused.value.remedy.startswith("Give a whole number, such as ")
