"""nbgrader's settings for this course: its commands run here, in exercises/. See *Teaching with this book*."""
c = get_config()                                    # noqa: F821 (nbgrader gives it)

c.CourseDirectory.course_id = "deep-networks"

# Marking: the answers run in a sandbox, whatever state the notebook is in (grader/).
c.Autograde.exporter_class = "grader.preprocessors.AnyNotebook"
c.Autograde.pre_convert_hook = "grader.preprocessors.adopt"
c.Autograde.sanitize_preprocessors = ["grader.preprocessors.CleanCopy", "nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "grader.preprocessors.MarkAnswers", "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties", "nbgrader.preprocessors.CheckCellMetadata"]
c.MarkAnswers.seconds = 10                          # of one check
c.MarkAnswers.megabytes = 1500                      # of the process of the answers

# Feedback shows each mark's sentence, not the hidden tests.
c.GenerateFeedback.preprocessors = [
    "grader.preprocessors.WithoutHiddenTests", "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor"]

# Every student notebook begins with how it works.
c.IncludeHeaderFooter.header = "header.ipynb"

# What a student finds where the solution was.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # your answer here"}
