#!/usr/bin/env bash
# Imports files of every kind into a real node: large, broken, badly encoded,
# public, rehearsed, reported, repeated. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"
serve_alone NE ANLTP moussa.d
export COMITY_PROFILE=ne/operators/moussa.d

# expect EXIT TEXT FILE [FLAGS]: imports FILE and looks for exit code and text.
expect() {
  local code=$1 text=$2 status=0
  shift 2
  comity case import "$@" >out 2>&1 || status=$?
  if [[ $status -ne $code ]] || ! grep -qF -- "$text" out; then
    printf 'import %s: exit %s, not %s, or no "%s" in:\n' "$*" "$status" "$code" "$text" >&2
    cat out >&2
    exit 1
  fi
}
header='x_local_reference,x_danger,prs_FirstName,prs_Gender'
file() { printf '%b' "$1" >"$2"; }

file "$header\nR1,none,A,Feminine\nR2,none,Secretname,Martian\n" row.csv
expect 3 'line 3, prs_Gender' row.csv --report rows.tsv
if grep -q 'Martian\|Secretname' out; then echo "a value was printed" >&2; exit 1; fi
grep -q $'^3\tprs_Gender\tMartian\t' rows.tsv
[[ $(stat -c %a rows.tsv) == 600 ]]
status=0
comity --json case import row.csv --dry-run >json 2>error || status=$?
[[ $status -eq 3 ]]
python3 - <<'PYTHON'
import json
result, error = json.load(open("json")), json.load(open("error"))
assert result["schema"] == error["schema"] == "comity.cli.v1"
assert result["findings"][0]["line"] == 3 and "value" not in result["findings"][0]
assert error["error"]["reason"] == "IMPORT_REJECTED" and "--report" in error["error"]["next"]
PYTHON
expect 0 '1 would be imported, 0 unchanged, 1 rejected' row.csv --dry-run --accept-valid-rows
expect 6 'gone.csv' gone.csv

file "$header\nR\351,none,A,Feminine\n" latin.csv
expect 3 'line 2, byte 55 of the file: the text is not plain UTF-8' latin.csv
file 'x_local_reference,prs_Gender\nR1,Feminine\n' header.csv
expect 3 'lacks the column x_danger' header.csv
file 'x_local_reference;x_danger\nR1;none\n' semicolon.csv
expect 3 'separated by semicolons; save the file with commas' semicolon.csv
file '' empty.csv
expect 3 'no header' empty.csv
# The quote that never closes stands after a first piece that was staged; the
# mended file must find none of it in its way.
{
  echo "$header"
  name=$(printf 'N%.0s' {1..60})
  for i in $(seq 9000); do echo "Q$i,none,$name,Feminine"; done
  echo 'Q9001,none,"Open'
} >quote.csv
expect 3 'inside a quoted cell' quote.csv
sed -i '$s/"Open/"Closed\non two lines",Feminine/' quote.csv
expect 0 '9001 imported' quote.csv

# A listing that is cut says so; one that is not, does not.
list() { comity "$@" 2>error | wc -l; }
[[ $(list case list) -eq 50 ]]
grep -q '50 are shown, and there are more' error
[[ $(list --quiet case list) -eq 50 && ! -s error ]]
[[ $(list case list --limit 1200) -eq 1200 ]]
[[ $(list case list --limit 10000) -eq 9001 && ! -s error ]]
file "\357\273\277$header\r\nB1,none,\"A, \"\"B\"\"\",Feminine\r\n" windows.csv
expect 0 '1 imported' windows.csv
expect 0 '0 imported, 1 unchanged' windows.csv
file "$header\nB1,none,Another,Feminine\n" conflict.csv
expect 3 'the reference exists with other content' conflict.csv

# Public files: the header tells the dialect, the operator what the file lacks.
fixtures=$source_dir/tests/unit/wire/ctdc
public=(--reference-prefix CTDC- --screening none-recorded)
expect 3 'has no references' "$fixtures/kanon.csv"
expect 3 'has no danger screenings' "$fixtures/kanon.csv" --reference-prefix CTDC-
expect 3 'is not one of ctdc-synthetic: the file lacks' "$fixtures/kanon.csv" "${public[@]}" --dialect ctdc-synthetic
expect 0 '4 would be imported' "$fixtures/kanon.csv" "${public[@]}" --dry-run --report public.tsv
printed 'read as ctdc-kanon' import kanon.csv
printed 'isAbduction 1 (1 row): the standard has no field for an abduction' import kanon.csv
printed '4 rows without a danger screening' import kanon.csv
grep -q $'^\tcitizenship\tAN\tno place: the country became several\t\t1$' public.tsv
expect 0 '4 imported' "$fixtures/kanon.csv" "${public[@]}"
expect 0 '0 imported, 4 unchanged' "$fixtures/kanon.csv" "${public[@]}"
expect 0 '4 imported' "$fixtures/synthetic.csv" "${public[@]}"
reference=CTDC-$(sha256sum "$fixtures/kanon.csv" | cut -c 1-12)-000001
tells "$reference" comity --json case show "$reference"
if grep -q 'screened_at' said; then echo 'an import screened a person' >&2; exit 1; fi
comity --json case import "$fixtures/kanon.csv" "${public[@]}" --dry-run >json 2>/dev/null
python3 - <<'PYTHON'
import json
result = json.load(open("json"))
assert result["dialect"] == "ctdc-kanon" and result["counts"]["unscreened"] in (4, "4"), result
assert any({"column": "isAbduction", "value": "1", "count": 1}.items() <= each.items() for each in result["unplaced"]), result
PYTHON
cut -d , -f 1-26 "$fixtures/synthetic.csv" >cut.csv
expect 3 'The nearest is ctdc-synthetic: the file lacks the column recruiterRelationOther' cut.csv "${public[@]}"
# A pipe cannot be read twice, so its rows cannot be numbered by its digest.
status=0
comity case import <(cat "$fixtures/synthetic.csv") "${public[@]}" >out 2>&1 || status=$?
[[ $status -eq 2 ]]
printed 'can be read twice' import a pipe

# Ctrl-C in the middle leaves nothing; the same file can be imported at once.
python3 - <<'PYTHON'
import os, signal, subprocess
rows = "".join(f"I{i},none,Name,Feminine\n" for i in range(40000))
text = "x_local_reference,x_danger,prs_FirstName,prs_Gender\n" + rows
os.mkfifo("pipe.csv")
run = subprocess.Popen(["comity", "case", "import", "pipe.csv"], stderr=subprocess.PIPE, text=True)
with open("pipe.csv", "w") as pipe:
    pipe.write(text)
    pipe.flush()
    run.send_signal(signal.SIGINT)
    error = run.communicate()[1]
assert run.returncode == 130, (run.returncode, error)
assert error.startswith("error: INTERRUPTED"), error
open("again.csv", "w").write(text)
PYTHON
expect 0 '40000 imported, 0 unchanged, 0 rejected' again.csv

# A build with AddressSanitizer would keep what was freed.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1
# 100,000 rows of over 16 MiB take no more memory than 1,000 rows.
python3 - <<'PYTHON'
import resource, subprocess
def rows(name, first, count):
    with open(name, "w") as out:
        out.write("x_local_reference,x_danger,x_registered_on,prs_FirstName,prs_SecondName,prs_Gender,hte_Description\n")
        for i in range(first, first + count):
            out.write(f"L{i},none,2026-01-02,Amina,{'B' * 50},Feminine,{'long text ' * 8}\n")
def peak(name):
    done = subprocess.run(["comity", "case", "import", name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout, end="")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # KiB, the largest child
rows("small.csv", 0, 1000)
rows("large.csv", 1000, 100000)
small, large = peak("small.csv"), peak("large.csv")
assert large < small + 8 * 1024, f"{small} KiB became {large} KiB"
print(f"peak memory {small} KiB for 1,000 rows, {large} KiB for 100,000")
PYTHON
[[ ! -s ne.log ]] || ! grep -q 'Secretname\|Martian' ne.log
