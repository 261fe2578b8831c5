"""Reads JUnit XML with junitparser and writes what it finds as JSON: in its common form, and attempts as Surefire has them."""

import json
import sys

from junitparser import JUnitXml, xunit2

xml = JUnitXml.fromfile(sys.argv[1])
stated = (xml.tests, xml.failures, xml.errors, xml.skipped)
cases = []
for suite in xml:
    for case in suite:
        cases.append(
            {
                "class": case.classname,
                "name": case.name,
                "outcomes": [
                    {"kind": type(each).__name__, "message": each.message, "text": each.text}
                    for each in case.result
                ],
                "output": case.system_out,
            }
        )
attempts = [
    [{"kind": type(each).__name__, "message": each.message, "text": each.stack_trace} for each in case.interim_result]
    for suite in xunit2.JUnitXml.fromfile(sys.argv[1])
    for case in suite
]
xml.update_statistics()
counted = (xml.tests, xml.failures, xml.errors, xml.skipped)
json.dump({"stated": stated, "counted": counted, "cases": cases, "attempts": attempts}, sys.stdout)
