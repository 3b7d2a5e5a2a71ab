"""HumanEvalPack as a task: one scenario in one language and one prompt style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox.languages import language
from sandbox.outcome import Outcome
from sandbox.program import Program
from tasks import families
from tasks.data.canonical import fingerprint
from tasks.data.own.rows import own_rows
from tasks.data.resolve import load_rows
from tasks.errors import DataError
from tasks.extraction.candidates import Asked
from tasks.extraction.chat import extract_braced
from tasks.extraction.continuation import BodyEnds, continued
from tasks.extraction.one_block import one_block
from tasks.extraction.python import extract_python, with_preamble
from tasks.extraction.upstream import pack_upstream
from tasks.families import Family
from tasks.humanevalpack import notes
from tasks.humanevalpack.assemble import Assembled, assembled
from tasks.humanevalpack.dataset import HUMANEVALPACK, STYLES, VERSION
from tasks.humanevalpack.description import description
from tasks.humanevalpack.judge import judge_pack
from tasks.humanevalpack.language import PackLanguage, pack_languages
from tasks.humanevalpack.problem import PackProblem, problem_from
from tasks.humanevalpack.scenario import SCENARIOS, Scenario, fields
from tasks.humanevalpack.split.sources import split_sources, why_unsplit
from tasks.judgement import UNCONFIRMED
from tasks.policy import ExtractionPolicy
from tasks.prompt import Prompt
from tasks.prompt_stub import with_body
from tasks.split_tests import split_tests
from tasks.styles.turns import TurnStyles, load_turn_styles
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement, Verdict

END_OF_TEXT = "<|endoftext|>"


@dataclass(frozen=True, slots=True)
class HumanEvalPack:
    """One scenario of HumanEvalPack in one language and one prompt style."""

    name: str
    scenario: Scenario
    pack_language: PackLanguage
    wording: TurnStyles
    problems: Sequence[PackProblem]
    fingerprint: str
    origin: DataOrigin
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    version: str = VERSION
    family: Family | None = families.HUMANEVAL
    sources: Mapping[str, PackProblem] = field(default_factory=lambda: dict[str, PackProblem]())
    """Of a translation: the problem in the other language by its number."""
    extraction: ExtractionPolicy = ExtractionPolicy.ROBUST

    @property
    def style(self) -> str:
        return self.wording.name

    @property
    def style_sha256(self) -> str:
        return self.wording.sha256

    def under(self, policy: ExtractionPolicy) -> "HumanEvalPack":
        return replace(self, extraction=policy)

    def prompt(self, problem: PackProblem, answers: Sequence[str]) -> Prompt | None:
        """The next turn's prompt. A text is stripped at both ends: the model itself writes the first newline."""
        number = len(answers)
        if number >= len(self.scenario.turns):
            return None
        described = description(problem, answers[0], self._stop(0)) if number else ""
        prompt = self.wording.turns[number].prompt(
            fields(self.scenario, self.scenario.turns[number], problem, described, self.sources.get(problem.number))
        )
        text = None if prompt.text is None else prompt.text.strip()
        return replace(prompt, text=text, stop=self._stop(number))

    def extract(self, problem: PackProblem, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        """The function in the last answer, whole; what surrounds it is put back by `program`."""
        answer = answers[-1]
        if form is AnswerForm.AUTO and self.extraction is not ExtractionPolicy.ROBUST:
            asked_for, base = self.wording.turns[-1].answer, self._code_base(problem)
            if self.extraction is ExtractionPolicy.UPSTREAM:
                also = (*self.pack_language.upstream_stop, *self._stop(-1))
                stop = tuple(dict.fromkeys((*self.pack_language.stop, *also)))
                return pack_upstream(base, answer, problem.language, stop)
            asked = Asked(base, problem.function, problem.language)
            found = one_block(answer, asked, self.extraction, asked_for)
            return with_preamble(found, problem.prompt, problem.function) if problem.language == "python" else found
        match form, self.wording.turns[-1].answer:
            case AnswerForm.PROGRAM, _:
                return Extraction(answer, "program")
            case ((AnswerForm.CONTINUATION | AnswerForm.FITTED), _):
                return Extraction(self._code_base(problem) + answer, "continuation")
            case AnswerForm.AUTO, AnswerForm.CONTINUATION:
                ends = BodyEnds(
                    (*self.wording.turns[-1].stop, END_OF_TEXT), self.pack_language.stop, self.pack_language.own_main
                )
                return continued(self._code_base(problem), answer, problem.language, ends)
            case _ if problem.language == "python":
                return extract_python(answer, problem.prompt, problem.function)
            case _:
                return extract_braced(answer, problem.prompt, problem.function, problem.language)

    def program(self, problem: PackProblem, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:
        """The program of Muennighoff's code_eval_octopack, in the form that the sandbox's row of the language takes."""
        row = language(problem.language)
        if problem.language == "python" and self.extraction is ExtractionPolicy.UPSTREAM:
            both = Assembled(f"{problem.pack_language.helper}{code}".strip() + f"\n\n{problem.test}", "")
        else:
            both = assembled(problem, code, verbatim=form is AnswerForm.CONTINUATION)
        split = None
        if row.in_process:
            helper = problem.pack_language.helper
            split = split_tests(helper + code, helper + with_body(problem.prompt), problem.test, problem.entry_point)
        elif row.split and not why_unsplit(problem):
            # of a translation, what is wrong with its source says nothing about these tests
            unsound = problem.task_id in self.unsound and problem.task_id in notes.unsound()
            split = split_sources(problem, both.alone, unsound=unsound)
        return Program(row.name, {row.main_file: both.whole}, limits=row.limits, split=split)

    def verdict(self, problem: PackProblem, outcome: Outcome) -> Judgement:
        judgement = judge_pack(problem.pack_language, outcome)
        unchecked = judgement.verdict is Verdict.PASSED and outcome.confirmation is None
        if unchecked and (why := why_unsplit(problem)):
            return replace(judgement, detail=f"{UNCONFIRMED}{why}")
        return judgement

    def reference(self, problem: PackProblem) -> str:
        return problem.prompt + problem.canonical_solution

    def buggy(self, problem: PackProblem) -> str:
        """The benchmark's own wrong solution, as `program` takes it: it must not pass."""
        return problem.prompt + problem.buggy_solution

    def _stop(self, turn: int) -> tuple[str, ...]:
        """Where a turn's answer has ended: the language's own stop strings would cut the answers of a chat."""
        style = self.wording.turns[turn]
        return (*(self.pack_language.stop if style.answer is AnswerForm.CONTINUATION else ()), *style.stop, END_OF_TEXT)

    def _code_base(self, problem: PackProblem) -> str:
        """What a program begins with when an answer continues it: upstream's choice."""
        shown = self.scenario.name == "fix" and notes.has_sound_declaration(problem.task_id)
        return problem.bare if shown else problem.prompt


def load_humanevalpack(
    scenario: str,
    code: str,
    style: str | None = None,
    data_dir: Path | None = None,
    data_file: Path | None = None,
    source: str = "",
) -> HumanEvalPack:
    """A scenario in a language, the latter by its name in the data, from its known rows or a file of your own.

    `source` is the language to translate from. DataError for a translation of rows of your own, which are in one
    language.
    """
    dataset = HUMANEVALPACK[code]
    chosen, pack_language = SCENARIOS[scenario], pack_languages()[code]
    name = f"humanevalpack-{scenario}-{source}-{code}" if source else f"humanevalpack-{scenario}-{code}"
    if source and data_file:
        raise DataError(f"{name} takes no file of own problems: a file is in one language, and it needs two.")
    rows = own_rows(dataset, data_file, name) if data_file else load_rows(dataset, data_dir)
    problems = tuple(problem_from(row, pack_language) for row in rows)
    sources: dict[str, PackProblem] = {}
    if source:
        source_rows = load_rows(HUMANEVALPACK[source], data_dir)
        sources = {each.number: each for row in source_rows if (each := problem_from(row, pack_languages()[source]))}
    return HumanEvalPack(
        name=name,
        scenario=chosen,
        pack_language=pack_language,
        wording=load_turn_styles(STYLES, chosen.turn_names, style),
        problems=problems,
        fingerprint=fingerprint(rows, dataset.remarks),
        origin=DataOrigin(str(data_file or dataset.source), dataset.licence, dataset.citation),
        unsound={} if data_file else notes.unsound_among(problems, sources),
        sources=sources,
    )
