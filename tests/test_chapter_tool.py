"""tools/chapter.py: the skeleton has every part that the ledger's tests demand, runs as it is, and overwrites nothing."""

import chapter
import nbformat
import notebooks as notebook_tool
import pytest
import test_ledger

ROW = {"file": "chapters/19_graphs.ipynb", "title": "Graphs", "quiz": ["one"], "exercises": [["replace_me(x)", ""]],
       "widgets": ["first"]}


@pytest.fixture
def skeleton(tmp_path):
    path = chapter.main("19_graphs", folder=tmp_path)
    return nbformat.read(path, as_version=4)


def test_it_has_the_parts_of_the_template(skeleton):
    chapters = {"c19": test_ledger.Chapter(ROW, skeleton)}
    for check in (test_ledger.test_file_and_title, test_ledger.test_opening, test_ledger.test_template_parts,
                  test_ledger.test_every_quiz_question_has_a_folded_answer, test_ledger.test_every_graded_exercise_is_named,
                  test_ledger.test_words_are_put_into_the_right_mouth, test_ledger.test_torch_is_imported_in_its_section_alone):
        check(chapters, "c19")
    nbformat.validate(skeleton)


@pytest.mark.slow
def test_it_runs_and_stores_what_the_template_wants(tmp_path):
    path = chapter.main("19_graphs", "Graphs and trees", folder=tmp_path)
    notebook_tool.store(path, library=notebook_tool.library_digest(), quiet=True)
    notebook = nbformat.read(path, as_version=4)
    chapters = {"c19": test_ledger.Chapter({**ROW, "title": "Graphs and trees"}, notebook)}
    test_ledger.test_file_and_title(chapters, "c19")
    test_ledger.test_there_is_an_explorer_for_every_widget(chapters, "c19")
    test_ledger.test_every_figure_says_what_it_shows({path.name: notebook})
    assert test_ledger.explorer_names(notebook) == ["graphs-first"]


def test_it_overwrites_nothing(tmp_path):
    (tmp_path / "19_other.ipynb").write_text("mine")
    with pytest.raises(SystemExit, match="chapter: 19_other.ipynb exists already; choose another number"):
        chapter.main("19_graphs", folder=tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["graphs", "19-graphs", "19_Graphs", "19_", "../19_graphs", "19_a b", ""])
def test_a_wrong_name_is_refused(tmp_path, name):
    with pytest.raises(SystemExit, match="chapter: NAME must be two digits and words like"):
        chapter.main(name, folder=tmp_path)
    assert not list(tmp_path.iterdir())
