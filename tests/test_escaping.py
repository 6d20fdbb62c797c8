"""What a user typed is escaped before it is Markdown, HTML or a label; nothing runs what it reads.

Read off the syntax trees: ids, cohorts, file names and names of people are followed from the
fields that hold them, by variables and by what functions return, to the calls that show text. On
the way they must pass ``md``, ``escape`` or ``plotly_text``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("views", "widgets", "charts", "report", "accounts", "services")
SHOWING = [p for room in ROOMS for p in sorted((ROOT / "app" / room).rglob("*.py"))]
SHOWING.extend((ROOT / "app/widgets/navigation.py", ROOT / "app/widgets/sidebar.py"))
EVERYTHING = sorted(p for package in ("clvcore", "app") for p in (ROOT / package).rglob("*.py"))

TYPED = {"customer_id", "cohort", "cohort_by", "dataset_name", "username", "created_by", "search"}
NAMED_BY_PEOPLE = {"dataset", "identity", "account", "person", "upload", "saved", "intake", "user"}
# the last three return nothing that was typed
ESCAPERS = {"md", "escape", "plotly_text", "len", "can", "find_user"}
MARKDOWN = {
    "markdown", "caption", "title", "header", "subheader", "write", "error", "warning", "info",
    "success", "toast", "metric", "html", "expander", "popover", "status", "spinner", "button",
    "checkbox", "toggle", "radio", "segmented_control", "pills", "tabs", "link_button",
}  # fmt: skip
SHOWN_BY = {"body", "label", "help", "delta", "options", "format_func"}
LABELS = {"text", "hovertext", "hovertemplate", "customdata", "ticktext", "texttemplate"}


class Flow(ast.NodeVisitor):
    """Follows what was typed through one function."""

    def __init__(self, tainting: set[str]) -> None:
        self.tainting = tainting
        self.names: set[str] = set()
        self.returns = False
        self.shown: list[ast.AST] = []

    def typed(self, node: ast.AST) -> bool:
        """Tell whether an expression may hold what a user typed, unescaped."""
        if isinstance(node, ast.Compare | ast.Lambda):
            return isinstance(node, ast.Lambda) and self.typed(node.body)
        if isinstance(node, ast.Call):
            called = _name(node.func)
            if called in ESCAPERS:
                return False
            if called in self.tainting:
                return True
        if isinstance(node, ast.Attribute):
            of = _name(node.value)
            named = node.attr == "name" and of in NAMED_BY_PEOPLE
            return named or node.attr in TYPED or self.typed(node.value)
        if isinstance(node, ast.Subscript):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            return key in TYPED or self.typed(node.value)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self._of_each(node)
        if isinstance(node, ast.IfExp):
            return self.typed(node.body) or self.typed(node.orelse)
        if isinstance(node, ast.Name):
            return node.id in self.names
        return any(self.typed(child) for child in ast.iter_child_nodes(node))

    def _of_each(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> bool:
        outside = set(self.names)
        for part in node.generators:
            bound = {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
            self.names = self.names | bound if self.typed(part.iter) else self.names - bound
        elements = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        found = any(self.typed(element) for element in elements)
        self.names = outside
        return found

    def visit_For(self, node: ast.For) -> None:
        if self.typed(node.iter):
            self.names |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if self.typed(node.value):
            self.names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        self.returns |= node.value is not None and self.typed(node.value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if any(self.typed(part) for part in _shown_parts(node)):
            self.shown.append(node)
        self.generic_visit(node)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _shown_parts(call: ast.Call) -> Iterator[ast.AST]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in MARKDOWN:
        yield from call.args[:3] if call.func.attr == "metric" else call.args[:1]
        yield from (k.value for k in call.keywords if k.arg in SHOWN_BY)
    yield from (k.value for k in call.keywords if k.arg in LABELS)


@cache
def _tree(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def _functions(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]


def _text_returned(function: ast.FunctionDef) -> bool:
    """Tell whether it may return text; records and frames are followed by their fields."""
    said = ast.unparse(function.returns) if function.returns else "str"
    return "str" in said and "DataFrame" not in said


def unescaped(sources: dict[str, str]) -> list[str]:
    """Return where something typed is shown as it is, as "file:line"."""
    functions = [(name, node) for name, text in sources.items() for node in _functions(text)]
    tainting: set[str] = set()
    while True:
        found, shown = set(tainting), []
        for name, function in functions:
            flow = Flow(tainting)
            flow.visit(function)
            if flow.returns and _text_returned(function):
                found.add(function.name)
            shown += [f"{name}:{node.lineno}" for node in flow.shown]
        if found == tainting:
            return sorted(set(shown))
        tainting = found


def test_what_users_typed_is_escaped_wherever_it_is_shown():
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in SHOWING}
    assert unescaped(sources) == []


@pytest.mark.parametrize(
    "planted",
    [
        "def f(row): st.caption(row.customer_id)",
        "def f(row): st.html(f'<b>{row[\"cohort\"]}</b>')",
        "def f(w, job):\n    said = w('Ready: {name}', name=job.dataset_name)\n    st.title(said)",
        "def g(w, e) -> str: return e.dataset_name + '!'\ndef f(w, e): st.button(g(w, e))",
        "def f(account): st.radio('Who', [1], format_func=lambda _: account.name)",
        "def f(c): go.Bar(x=[1], hovertext=[row.customer_id for row in c])",
    ],
)
def test_the_rule_catches_planted_violations(planted):
    assert unescaped({"planted.py": planted})


@pytest.mark.parametrize(
    "right",
    [
        "def f(row): st.caption(md(row.customer_id))",
        "def f(row): st.html(f'<b>{escape(row[\"cohort\"])}</b>')",
        "def f(w, job): st.title(md(w('Ready: {name}', name=job.dataset_name)))",
        "def f(c): go.Bar(x=[1], hovertext=[plotly_text(row.customer_id) for row in c])",
        "def f(row): st.button('Open', key=row.customer_id)",
    ],
)
def test_the_rule_leaves_what_is_escaped_alone(right):
    assert unescaped({"right.py": right}) == []


def test_raw_html_is_never_allowed_in_markdown():
    for path in EVERYTHING:
        assert "unsafe_allow_html" not in path.read_text(), path


def test_nothing_runs_or_unpickles_what_it_reads():
    """Frames are read as Parquet, models are not kept, and no text becomes a program."""
    rooms = {"pickle", "cPickle", "cloudpickle", "joblib", "dill", "shelve", "marshal"}
    calls = {"eval", "exec", "compile", "__import__", "read_pickle", "to_pickle"}
    for path in EVERYTHING:
        for node in _tree(path):
            if isinstance(node, ast.Import):
                named = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named = {(node.module or "").split(".")[0]}
            else:
                named = set()
            assert not named & rooms, f"{path}:{node.lineno}"
            if isinstance(node, ast.Call):
                of_module = isinstance(node.func, ast.Attribute) and _name(node.func.value) == "re"
                ran = _name(node.func)
                method = isinstance(node.func, ast.Attribute) and ran in {"eval", "exec", "compile"}
                assert of_module or method or ran not in calls, f"{path}:{node.lineno} runs {ran}"
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert ast.unparse(node.value) == "False", path
