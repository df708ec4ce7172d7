"""Copy the chapters' notebooks for Colab, where course_lib is missing: each copy installs it in its first cell.

    python3 tools/colab.py https://github.com/owner/name folder

Only the standard library: the deploy workflow runs it before anything is installed.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def first_cell(repository):
    """The code cell that makes a notebook run on Colab, and does no harm elsewhere."""
    return {"cell_type": "code", "id": "colab-setup", "metadata": {}, "outputs": [], "execution_count": None, "source": [
        "try:\n",
        "    import course_lib\n",
        "except ModuleNotFoundError:\n",
        f"    %pip install -q git+{repository}\n",
        "try:\n",
        "    from google.colab import output\n",
        "    output.enable_custom_widget_manager()  # for the sliders\n",
        "except ModuleNotFoundError:\n",
        "    pass  # not on Colab"]}


def main(repository, folder):
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"].insert(0, first_cell(repository))
        copy = Path(folder) / "chapters" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
