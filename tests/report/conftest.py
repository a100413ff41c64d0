"""The sample page, loaded from its own file so that the browser tests and a curious reader see the same one."""

import importlib.util
from pathlib import Path

import pytest

from bimetal.report import Page


@pytest.fixture(scope="session")
def sample_page() -> Page:
    spec = importlib.util.spec_from_file_location("report_sample", Path(__file__).with_name("sample.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page: Page = module.page()
    return page
