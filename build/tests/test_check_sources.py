"""Tests of build/check-sources: each rule finds its fault, and leaves correct sources alone."""

import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "check-sources"
loader = importlib.machinery.SourceFileLoader("check_sources", str(SCRIPT))
loader_spec = importlib.util.spec_from_loader(loader.name, loader)
check_sources = importlib.util.module_from_spec(loader_spec)
sys.dont_write_bytecode = True
loader.exec_module(check_sources)


class CheckSourcesTest(unittest.TestCase):
    def messages(self, files, exceptions=""):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            rules = check_sources.Exceptions(exceptions)
            found = check_sources.check(root, sorted(files), rules)
            return [f"{file}:{line}: {message}" for file, line, _, message in found], rules

    def assert_found(self, files, *expected):
        messages, _ = self.messages(files)
        self.assertEqual(len(expected), len(messages), messages)
        for start, message in zip(expected, messages):
            self.assertIn(start, message)

    def test_tree_without_git_lists_all_files_but_what_builds_make(self):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name in ("a/A.java", "a/target/B.java", ".git/config"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("", encoding="utf-8")
            for path in (os.environ["PATH"], directory):  # with git and without
                with unittest.mock.patch.dict(os.environ, PATH=path):
                    self.assertEqual(["a/A.java"], check_sources.tracked(root))

    def test_doc_comment_that_begins_with_a_question_word(self):
        for word in ("What", "Who", "Whoever", "Whether", "That"):
            if word != "Whoever":  # banned anywhere, so it would be found twice
                self.assert_found({"A.java": f"package a;\n\n/// {word} is freed.\nclass A {{}}\n"}, "A.java:3:")
        self.assert_found({"A.java": "/**\n * What is freed.\n */\nclass A {}\n"}, "A.java:2:")

    def test_only_the_first_sentence_of_a_doc_comment_opens_it(self):
        self.assert_found({"A.java": "/// Frees an address.\n/// What is held stays.\nclass A {}\n"})

    def test_header_of_a_script(self):
        self.assert_found({"run": "#!/bin/bash\n# What runs a lab.\necho\n"}, "run:2:")
        self.assert_found({"run": "#!/bin/bash\n# Runs a lab.\n# What is left is removed.\n"})

    def test_banned_words_in_comments(self):
        self.assert_found({"A.java": "class A { // begins anew\n}\n"}, "A.java:1: “anew”")
        self.assert_found({"A.c": "int a; /* whoever asks */\n"}, "A.c:1: “whoever”")
        self.assert_found({"a.yaml": "a: b # it is mended\n"}, "a.yaml:1: “mended”")

    def test_quotations_and_strings_are_not_prose(self):
        self.assert_found({"A.java": 'class A { String a = "anew"; /* like `anew` */ char c = \'"\'; /* "told" */ }\n'})

    def test_identifiers_by_their_parts(self):
        self.assert_found({"A.java": "class A { int wasTold; }\n"}, "“Told” in the name wasTold")
        self.assert_found({"A.java": "class A { int IN_TURN; }\n"}, "“TURN” in the name IN_TURN")
        self.assert_found({"A.java": "class A { int password, returned, untold; }\n"})

    def test_two_files_of_one_name(self):
        files = {"m/a/A.java": "class A {}\n", "n/b/A.java": "class A {}\n", "m/a/package-info.java": "", "n/b/package-info.java": ""}
        self.assert_found(files, "m/a/A.java:1: a second file of this name: n/b/A.java")

    def test_package_with_too_many_files(self):
        files = {f"a/C{n}.java": "" for n in range(20)}
        self.assert_found(files)
        self.assert_found(files | {"a/C20.java": ""}, "a:0: 21 files")

    def test_exceptions_apply_by_file_and_word_and_are_counted(self):
        files = {"a/A.java": "class A { int told; }\n", "b/B.java": "class B { int told; }\n"}
        messages, rules = self.messages(files, "a/*.java | told | a protocol's term\nc/*.java | told | nowhere\n")
        self.assertEqual(["b/B.java:1: “told” in the name told"], messages)
        self.assertEqual([(2, "c/*.java", "told")], rules.unused())

    def test_exception_without_a_reason_is_refused(self):
        with self.assertRaises(SystemExit):
            check_sources.Exceptions("a/*.java | told |\n")


if __name__ == "__main__":
    unittest.main()
