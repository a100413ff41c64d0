"""The house rules that a linter cannot say: sizes, shelves and what the core must not touch."""

import ast
import re
from pathlib import Path

import pytest

from bimetal.plugins import SHELVES, class_name

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "bimetal"
FILES = sorted(SOURCE.rglob("*.py"))
OUTSIDE_CORE = {"store", "compute", "endpoints", "programme", "web", "cli"}
FILE_LINES = 400
FUNCTION_LINES = 40
PARAMETERS = 6


def label(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", FILES, ids=label)
def test_files_and_functions_stay_small(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    for function in functions(path):
        first = function.body[0] if path.is_relative_to(SOURCE / "cli") else function  # a command's options are long
        length = (function.end_lineno or 0) - first.lineno + 1
        assert length <= FUNCTION_LINES, f"{function.name} has {length} lines"
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        named = [each for each in arguments if each.arg not in {"self", "cls"}]
        is_command = path.is_relative_to(SOURCE / "cli")  # a command's options are its parameters
        assert is_command or len(named) <= PARAMETERS, f"{function.name} has {len(named)} parameters"


@pytest.mark.parametrize("path", FILES, ids=label)
def test_every_file_says_what_it_is(path: Path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring or (path.name == "__init__.py" and not path.read_text().strip())


@pytest.mark.parametrize("path", [each for each in FILES if each.parent.name in SHELVES], ids=label)
def test_a_shelf_file_holds_the_class_it_is_named_after(path: Path):
    if path.name.startswith("_"):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert class_name(path.stem) in classes


@pytest.mark.parametrize(
    "path", [each for each in FILES if each.relative_to(SOURCE).parts[0] not in OUTSIDE_CORE], ids=label
)
def test_the_core_neither_opens_nor_prints(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input", "exec", "eval"}, f"line {node.lineno}: {node.func.id}"


def test_words_that_say_nothing_are_not_used_as_names():
    vague = re.compile(r"(manager|handler|helper|utils?|service|processor|misc)(_|$)", re.IGNORECASE)
    named = [path for path in FILES if vague.search(path.stem)]
    named += [path for path in FILES for function in functions(path) if vague.search(function.name)]
    assert not named


def test_the_picture_in_the_readme_is_the_tree():
    picture = (ROOT / "README.md").read_text(encoding="utf-8").partition("src/bimetal/\n")[2].partition("```")[0]
    drawn = set(re.findall(r"^  ([a-z_]+(?:\.py|/))", picture, flags=re.MULTILINE))
    real = {f"{each.name}/" for each in SOURCE.iterdir() if each.is_dir() and (each / "__init__.py").exists()}
    real |= {each.name for each in SOURCE.glob("*.py") if each.name != "__init__.py"}
    assert drawn == real
