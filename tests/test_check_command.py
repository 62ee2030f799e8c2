"""``bigan check``: what it prints, what it leaves alone, and what it says to a user's mistake."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.commands.findings import Outcome
from bot.office.proof import NOTICE, Proof, YearSource
from bot.office.summary_page import HEADING
from knowledge.checking.model import Category, Finding, Level
from tests.knowledge.reader_fixtures import docx_parts, paragraph, zip_of
from tests.test_commands import REPORT, run

DOCS = Path(__file__).parent.parent / "docs" / "checking.md"
WRONG = "2026年，支部严格落实三会一科制度，党员轮流领学。"
BLANK = "2026年，支部开展主题党日XX次。"
CLEAN = "2026年，支部每月组织一次集中学习，党员轮流领学，会后交流体会。"


def check(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin)


def text_file(folder: Path, text: str, name: str = "总结.txt") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def docx_file(folder: Path, *paragraphs: str, name: str = "总结.docx") -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    file = folder / name
    document.save(str(file))
    return file


def lines_of(file: Path) -> list[str]:
    return [paragraph_.text for paragraph_ in docx.Document(str(file)).paragraphs]


def json_of(result: Result) -> Any:
    return json.loads(result.stdout)


def test_findings_are_listed_with_place_words_right_form_reason_and_source(tmp_path: Path) -> None:
    file = text_file(tmp_path, f"工作总结\n{CLEAN}\n{WRONG}\n{BLANK}\n")
    result = check(file)
    assert result.exit_code == 1, result.output
    lines = result.stdout.splitlines()
    assert re.fullmatch(
        rf"{re.escape(str(file))}：必错1处，疑似\d处，提示\d+处。按2026年检查（年份从文中识别）", lines[0]
    )
    assert lines[1] == "1. 必错　第3段　“三会一科”应为“三会一课”"
    assert re.fullmatch(r"   固定表述：.+（依据：.+）", lines[2])
    assert any(re.match(r"\d+\. 提示　第4段　“.*XX", line) for line in lines)
    assert lines[-1] == NOTICE


def test_text_without_findings_is_exit_code_0_and_keeps_the_honest_line(tmp_path: Path) -> None:
    result = check(text_file(tmp_path, CLEAN))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1:] == ["未发现问题。", "", NOTICE]


def test_hints_alone_are_exit_code_0(tmp_path: Path) -> None:
    result = check(text_file(tmp_path, BLANK))
    assert result.exit_code == 0
    assert "提示" in result.stdout.splitlines()[1]


def test_level_lists_what_is_at_least_as_sure(tmp_path: Path) -> None:
    file = text_file(tmp_path, f"{WRONG}\n{BLANK}")
    found = json_of(check(file, "--json", "--level", "必错"))
    assert {finding["level"] for finding in found["findings"]} == {"必错"}
    assert found["counts"] == {"必错": 1}
    assert "提示" not in check(file, "--level", "疑似").stdout
    assert check(text_file(tmp_path, BLANK), "--level", "必错").stdout.splitlines()[1] == "未发现问题。"


def test_json_is_one_object_a_line_with_spans_in_its_own_text(tmp_path: Path) -> None:
    files = [text_file(tmp_path, WRONG), docx_file(tmp_path, CLEAN, BLANK)]
    result = check(*files, "--json")
    assert result.exit_code == 1
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    assert [entry["file"] for entry in objects] == [str(file) for file in files]
    documented = set(re.findall(r"`(\w+)`", DOCS.read_text(encoding="utf-8").partition("## JSON")[2]))
    for entry in objects:
        assert set(entry) <= documented
        assert entry["error"] is None
        assert entry["notice"] == NOTICE
        for finding in entry["findings"]:
            assert set(finding) <= documented
            assert entry["text"][finding["start"] : finding["end"]] == finding["text"]
            assert finding["text"] in entry["text"].split("\n")[finding["line"] - 1]
    wrong = next(finding for finding in objects[0]["findings"] if finding["level"] == "必错")
    assert (wrong["text"], wrong["suggestion"], wrong["category"]) == ("三会一科", "三会一课", "固定表述")


def test_year_is_the_option_else_the_texts_else_this_year(tmp_path: Path) -> None:
    dated, undated = text_file(tmp_path, WRONG, "a.txt"), text_file(tmp_path, CLEAN[6:], "b.txt")

    def year(*arguments: str | Path) -> tuple[int, str]:
        found = json_of(check(*arguments, "--json"))
        return found["year"], found["year_source"]

    assert year(dated, "--year", "2019") == (2019, "option")
    assert year(dated) == (2026, "text")
    assert year(undated) == (datetime.now().astimezone().year, "clock")
    assert "（年份由命令指定）" in check(dated, "--year", "2019").stdout


def test_unit_of_the_writer_is_given_to_the_rules(tmp_path: Path) -> None:
    file = text_file(tmp_path, "2026年工作总结\n2026年，市教育局党组坚持以党的政治建设为统领。")
    found = json_of(check(file, "--unit", "市住建局", "--json"))["findings"]
    assert ["市教育局" in entry["text"] for entry in found if entry["category"] == "单位名称"] == [True]
    assert "单位名称" not in check(file).stdout


def test_standard_input_is_read_whatever_format_it_has(tmp_path: Path) -> None:
    for data in (WRONG.encode(), WRONG.encode("gb18030"), docx_file(tmp_path, WRONG).read_bytes()):
        result = check("-", "--json", stdin=data)
        assert result.exit_code == 1, result.output
        found = json_of(result)
        assert found["file"] == "标准输入"
        assert "三会一科" in [finding["text"] for finding in found["findings"]]


def test_formats_of_the_reader_are_checked(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# 总结\n\n**{WRONG}**\n", encoding="utf-8")
    page = f"<html><body><h1>总结</h1><p>{WRONG}</p><p>{CLEAN}</p></body></html>"
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    for name in ("a.md", "a.html"):
        assert "“三会一科”应为“三会一课”" in check(tmp_path / name).stdout


def test_file_that_cannot_be_read_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    (tmp_path / "旧.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    result = check(tmp_path / "旧.doc", tmp_path / "没有.txt", text_file(tmp_path, WRONG))
    assert result.exit_code == 2
    assert "旧.doc：" in result.stderr
    assert "另存为docx" in result.stderr
    assert "没有.txt：找不到这个文件" in result.stderr
    assert "“三会一科”应为“三会一课”" in result.stdout
    objects = [
        json.loads(line) for line in check(tmp_path / "旧.doc", tmp_path / "总结.txt", "--json").stdout.splitlines()
    ]
    assert set(objects[0]) == {"file", "error"}
    assert objects[1]["findings"]


def test_output_without_a_name_stands_beside_the_document_and_never_replaces_one(tmp_path: Path) -> None:
    file = docx_file(tmp_path, "总结", WRONG)
    original = file.read_bytes()
    result = check(file, "--output")
    assert result.exit_code == 1, result.output
    copy = tmp_path / "总结-校对.docx"
    assert f"批注稿：{copy}" in result.stdout
    first = copy.read_bytes()
    assert json_of(check(file, "--json", "-o"))["output"] == str(tmp_path / "总结-校对2.docx")
    assert file.read_bytes() == original
    assert copy.read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["总结-校对.docx", "总结-校对2.docx", "总结.docx"]


def test_output_has_the_comments_and_the_text_as_it_was(tmp_path: Path) -> None:
    file, copy = docx_file(tmp_path, "总结", WRONG, BLANK), tmp_path / "交回.docx"
    assert check(file, "-o", copy).exit_code == 1
    document = docx.Document(str(copy))
    assert lines_of(copy) == lines_of(file)
    texts = [comment.text for comment in document.comments]
    assert texts[0].startswith("【必错】")
    assert "应为“三会一课”" in texts[0]
    assert any(text.startswith("【提示】") for text in texts)
    stamps = [comment.timestamp for comment in document.comments]
    assert all(stamp is not None and stamp.year >= 2026 for stamp in stamps)
    with ZipFile(copy) as archive:
        page = archive.read("word/document.xml").decode().partition(HEADING)[2]
    assert "总结.docx　按2026年检查" in page
    assert str(tmp_path) not in page
    # A copy of an earlier check is replaced by one of the same name, and nothing else is left behind.
    assert check(file, "-o", copy).exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["交回.docx", "总结.docx"]


def test_several_documents_each_get_their_copy(tmp_path: Path) -> None:
    files = [docx_file(tmp_path, WRONG, name=name) for name in ("甲.docx", "乙.docx")]
    assert check(*files, "--output").exit_code == 1
    assert {"甲-校对.docx", "乙-校对.docx"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("named", ["same", "link", "hard link", "dotted"])
def test_output_over_the_input_is_refused(named: str, tmp_path: Path) -> None:
    file = docx_file(tmp_path, WRONG)
    original = file.read_bytes()
    target = tmp_path / "别名.docx"
    if named == "same":
        target = file
    elif named == "link":
        target.symlink_to(file)
    elif named == "hard link":
        target.hardlink_to(file)
    else:
        target = tmp_path / ".." / tmp_path.name / file.name
    result = check(file, "-o", target)
    assert result.exit_code == 2
    assert "不能是原文件" in result.stderr
    assert not result.stdout
    assert file.read_bytes() == original


def test_mistakes_about_the_output_are_said_before_anything_is_checked(tmp_path: Path) -> None:
    one, two = docx_file(tmp_path, WRONG, name="甲.docx"), docx_file(tmp_path, WRONG, name="乙.docx")
    cases = [
        ((one, two, "-o", tmp_path / "c.docx"), "不要写文件名"),
        ((one, "-o", tmp_path / "c.txt"), ".docx 结尾"),
        (("-", "--output"), "要写文件名"),
    ]
    for arguments, says in cases:
        result = check(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert says in result.stderr
    assert not (tmp_path / "c.docx").exists()


def test_copy_that_cannot_be_made_is_said_and_the_findings_are_shown(tmp_path: Path) -> None:
    parts = docx_parts(paragraph(WRONG))
    types = parts["[Content_Types].xml"].replace(b"document.main+xml", b"template.main+xml")
    template = tmp_path / "模板.docx"
    template.write_bytes(zip_of({**parts, "[Content_Types].xml": types}.items()))
    cases = [
        (text_file(tmp_path, WRONG), tmp_path / "c.docx", "只有docx能加批注"),
        (template, tmp_path / "c.docx", "加不了批注"),
        (docx_file(tmp_path, WRONG), tmp_path / "没有" / "c.docx", "写不到"),
    ]
    for file, copy, says in cases:
        result = check(file, "-o", copy)
        assert result.exit_code == 2
        assert "“三会一科”应为“三会一课”" in result.stdout
        assert says in result.stderr
        assert not copy.exists()


def test_hostile_docx_is_refused_with_a_sentence(tmp_path: Path) -> None:
    bomb = tmp_path / "炸弹.docx"
    bomb.write_bytes(zip_of([*docx_parts(paragraph("正文")).items(), ("word/media/a.bin", bytes(40_000_000))]))
    entities = docx_parts("")
    entities["word/document.xml"] = b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'
    (tmp_path / "实体.docx").write_bytes(zip_of(entities.items()))
    result = check(bomb, tmp_path / "实体.docx", "--output")
    assert result.exit_code == 2
    assert result.stderr.count("为安全起见没有读取") == 2
    assert not list(tmp_path.glob("*校对*"))


def test_automatic_numbers_count_for_the_numbering_rules(tmp_path: Path) -> None:
    """Typed 一、 and 三、 are a gap; with the list's own 一、二、三、 nothing is missing."""
    typed = text_file(tmp_path, "一、抓学习\n每月学习。\n三、抓组织\n按期换届。\n四、抓作风\n改进文风。")
    assert any(entry["category"] == "序号" for entry in json_of(check(typed, "--json"))["findings"])
    document = docx.Document()
    for text in ("抓学习", "抓组织", "抓作风"):
        document.add_paragraph(text, style="List Number")
        document.add_paragraph("每月安排，按期检查。")
    file = tmp_path / "编号.docx"
    document.save(str(file))
    found = json_of(check(file, "--json"))
    assert found["text"].startswith("1.抓学习\n")
    assert not [entry for entry in found["findings"] if entry["category"] == "序号"]


def test_similar_names_the_words_that_stand_in_the_base_too(
    bundled_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOWLEDGE_BASE", str(bundled_base))
    original = next(
        line for line in REPORT.read_text(encoding="utf-8").splitlines() if len(line) > 150 and "支部" in line
    )
    file = text_file(tmp_path, f"{CLEAN}\n{original}\n{CLEAN}")
    found = json_of(check(file, "--json", "--similar"))
    similarity = found["similarity"]
    assert similarity["compared"] == 5
    assert 50 < similarity["percent"] < 100
    assert similarity["by_report"][0]["report"] == REPORT.stem
    for overlap in similarity["overlaps"]:
        assert found["text"][overlap["start"] : overlap["end"]] == overlap["text"]
        assert overlap["line"] == 2
        assert overlap["source"]["report"] == REPORT.stem
    documented = set(re.findall(r"`(\w+)`", DOCS.read_text(encoding="utf-8").partition("## JSON")[2]))
    assert set(similarity) | set(similarity["overlaps"][0]) | set(similarity["by_report"][0]) <= documented
    lines = check(file, "--similar").stdout.splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("雷同：与库内5篇材料相比，约"))
    assert lines[head].endswith("%的字重合（只与库内比对，不联网）。")
    assert re.match(r"   第2段　“.+”　出处：.+", lines[head + 1])
    alone = text_file(tmp_path, CLEAN, "另.txt")
    assert json_of(check(alone, "--json", "--similar"))["similarity"]["overlaps"] == []
    assert json_of(check(alone, "--json"))["similarity"] is None


def test_without_similar_no_base_is_needed_and_with_it_a_missing_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOWLEDGE_BASE", str(tmp_path / "没有"))
    file = text_file(tmp_path, CLEAN)
    assert check(file).exit_code == 0
    result = check(file, "--similar")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "bigan kb build" in result.stderr


def test_as_a_program_with_a_pipe_it_prints_chinese_and_the_exit_code(tmp_path: Path) -> None:
    result = run("check", "-", base=tmp_path / "no base needed", stdin=WRONG)
    assert result.returncode == 1, result.stderr
    assert result.stdout.startswith("标准输入：必错1处")
    assert run("check", base=tmp_path).returncode == 2


def test_long_words_are_shortened_for_people_and_whole_for_programs() -> None:
    text = "甲" * 100
    finding = Finding(0, 100, "r", Level.DOUBTFUL, Category.SLIP, "整段重复")
    outcome = Outcome("a.txt", Proof("a.txt", text, 2026, YearSource.TEXT, (finding,)))
    assert outcome.to_lines()[1:] == [f"1. 疑似　第1段　“{'甲' * 30}…{'甲' * 9}”", "   错漏重字：整段重复"]
    assert outcome.to_json()["findings"][0]["text"] == text


def test_short_words_are_shown_with_what_stands_beside_them() -> None:
    text = "第一段\n" + "甲" * 20 + "的" + "乙" * 5
    finding = Finding(24, 25, "r", Level.DOUBTFUL, Category.SLIP, "“的”“地”误用", "地")
    lines = Outcome("a.txt", Proof("a.txt", text, 2026, YearSource.TEXT, (finding,))).to_lines()
    assert lines[-1] == f"   原文：…{'甲' * 10}的{'乙' * 5}"


def test_surest_findings_come_first_for_people_and_in_order_for_programs() -> None:
    text = "甲乙\n丙"
    findings = tuple(
        Finding(start, start + 1, "r", level, Category.SLIP, "看", right)
        for start, level, right in ((0, Level.HINT, None), (1, Level.DOUBTFUL, None), (3, Level.WRONG, "丁"))
    )
    outcome = Outcome("a", Proof("a", text, 2026, YearSource.TEXT, findings))
    assert outcome.to_lines()[1:] == [
        *("1. 必错　第2段　“丙”应为“丁”", "   错漏重字：看", "   原文：丙"),
        *("2. 疑似　第1段　“乙”", "   错漏重字：看", "   原文：甲乙"),
        *("3. 提示　第1段　“甲”", "   错漏重字：看", "   原文：甲乙"),
    ]
    assert [entry["start"] for entry in outcome.to_json()["findings"]] == [0, 1, 3]


def test_documented_exit_codes_levels_and_options_are_the_programs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert NOTICE.rstrip("。").partition("，不代替")[0] in text
    assert all(f"| {category.value} |" in text for category in Category)
    assert all(f"| {level.value} |" in text for level in Level)
    help_text = check("--help").stdout
    options = set(re.findall(r"--[a-z]+", text))
    assert options <= set(re.findall(r"--[a-z]+", help_text))
