package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Path without its first word, and whether it names a tile.
func tileRows() (rows []row) {
	heights := []string{"1", "2", "8", "10", "29", "30", "0", "31", "08", "-1", "+8", "", "a", "8.0", "256"}
	levels := []string{"0", "1", "7", "63", "data", "00", "01", "-1", "", "Data", "x"}
	numbers := []string{
		"000", "001", "999", "x001/000", "x001/234", "x999/999", "x001/x000/000", "x123/x456/789", "x000/001", "x000/x001/000", "1", "01", "0001", "x001", "001/x000", "x001/x000", "1000", "-01", "+01", "x01/000", "X001/000", "a", "",
		"001/", "/001", "x001//000", "../001", "001.p", "001.p/", "001.p/0", "001.p/1", "001.p/2", "001.p/255", "001.p/256", "001.p/01", "001.p/-1", "001.p/x", "001.p/1/2", "x001/234.p/7", "x001.p/234", "001.p/99999999999", "001.p/1073741823", "x999/x999/x999/x999/x999/999",
		"001.P/1", "001.pp/1", ".p/1", "001\n", "001 ", "٠٠١",
	}
	for _, h := range heights {
		for _, l := range levels {
			for i, n := range numbers {
				if h != "8" && l != "0" && i > 3 {
					continue
				}
				path := h + "/" + l + "/" + n
				_, err := tlog.ParseTilePath("tile/" + path)
				rows = append(rows, row{path, err == nil})
			}
		}
	}
	for _, path := range []string{"", "/", "8", "8/0", "8/0/", "tile/8/0/001", "8/0/001/", "/8/0/001", "8//001"} {
		_, err := tlog.ParseTilePath("tile/" + path)
		rows = append(rows, row{path, err == nil})
	}
	return rows
}

// What cmd/go/internal/modfetch reads an .info into: fields and tags of RevInfo and codehost.Origin.
type revInfo struct {
	Version string
	Time    time.Time
	Name    string  `json:"-"`
	Short   string  `json:"-"`
	Origin  *origin `json:",omitempty"`
}

type origin struct {
	VCS       string `json:",omitempty"`
	URL       string `json:",omitempty"`
	Subdir    string `json:",omitempty"`
	Hash      string `json:",omitempty"`
	TagPrefix string `json:",omitempty"`
	TagSum    string `json:",omitempty"`
	Ref       string `json:",omitempty"`
	RepoSum   string `json:",omitempty"`
}

// Body, and the version and time in milliseconds since 1970 that go reads from it; null where it refuses it.
func infoRows() (rows []row) {
	const at = `"Time":"2024-01-02T03:04:05Z"`
	bodies := []string{
		"", " ", "\n", "null", "true", "1", `"v1.0.0"`, "[]", "{}", `[{"Version":"v1.0.0"}]`, "<html></html>", "not found", "{", "}", `{"Version"`, `{"Version":"v1.0.0"`, `{"Version":"v1.0.0",}`, `{'Version':'v1.0.0'}`, `{Version:"v1.0.0"}`,
		`{"Version":"v1.0.0"}`, ` {"Version":"v1.0.0"} `, "\t{\"Version\":\"v1.0.0\"}\r\n", `{"Version":"v1.0.0"}x`, `{"Version":"v1.0.0"}{}`, `{"Version":"v1.0.0"} null`, "\ufeff" + `{"Version":"v1.0.0"}`, "\u00a0" + `{"Version":"v1.0.0"}`, `{"Version":"v1.0.0"}` + "\x00",
		`{"Version":"v1.0.0",` + at + `}`, `{"version":"v1.0.0","time":"2024-01-02T03:04:05Z"}`, `{"VERSION":"v1.0.0","TIME":"2024-01-02T03:04:05Z"}`, `{"Verſion":"v1.0.0"}`, `{"Versıon":"v1.0.0"}`, `{"Tİme":"x","Version":"v1.0.0"}`, `{" Version":"v1.0.0"}`,
		`{"Version":"v1.0.1","version":"v1.0.0"}`, `{"version":"v1.0.0","Version":"v1.0.1"}`, `{"Version":"v1.0.1","Version":"v1.0.0"}`, `{"Version":"v1.0.0","version":null}`, `{"Version":null}`, `{"Version":1}`, `{"Version":true}`, `{"Version":[]}`, `{"Version":{}}`, `{"Version":""}`,
		`{"Version":"v1.0.0","Time":null}`, `{"Version":"v1.0.0","Time":""}`, `{"Version":"v1.0.0","Time":"yesterday"}`, `{"Version":"v1.0.0","Time":0}`, `{"Version":"v1.0.0","Time":{}}`, `{"Version":"v1.0.0","Time":"2024-01-02"}`, `{"Version":"v1.0.0","Time":"2024-01-02T03:04:05"}`,
		`{"Version":"v1.0.0","Time":"2024-01-02T03:04:05+01:00"}`, `{"Version":"v1.0.0","Time":"2024-01-02T03:04:05.123456789Z"}`, `{"Version":"v1.0.0","Time":"2024-02-30T00:00:00Z"}`,
		`{"Version":"v1.0.0","Zip":"x","Name":1,"Short":[],"Extra":{"a":[1,2,3]}}`, `{"Version":"v1.0.0","Origin":null}`, `{"Version":"v1.0.0","Origin":{}}`, `{"Version":"v1.0.0","Origin":"git"}`, `{"Version":"v1.0.0","Origin":[]}`, `{"Version":"v1.0.0","Origin":1}`,
		`{"Version":"v1.0.0","Origin":{"VCS":"git","URL":"https://example.com/a","Hash":"abc","Ref":"refs/tags/v1.0.0"}}`, `{"Version":"v1.0.0","Origin":{"VCS":1}}`, `{"Version":"v1.0.0","Origin":{"vcs":null}}`, `{"Version":"v1.0.0","origin":{"url":[]}}`, `{"Version":"v1.0.0","Origin":{"Other":[]}}`,
		`{"Version":"v1.0.0","Origin":{"TagSum":1}}`, `{"Version":"v1.0.0","Origin":{"reposum":{}}}`, `{"Version":"v1\u002e0.0"}`, `{"\u0056ersion":"v1.0.0"}`, "{\"Version\":\"v1.0.0\n\"}", `{"Version":"v1.0.0","a":01}`, `{"Version":"v1.0.0","a":.5}`, `{"Version":"v1.0.0","a":NaN}`, `{"Version":"v1.0.0","a":1e999}`,
		`{"Version":"v1.0.0","a":"\x"}`, `{"Version":"v1.0.0","a":"\ud800"}`, `{"Version":"v1.0.0",/* c */"a":1}`, `{"Version":"main"}`, `{"Version":"v1"}`, `{"Version":"v1.0.1"}`, `{"error":"not found"}`, `{"Version":"v1.0.0","__proto__":1}`, `{"__proto__":{"Version":"v1.0.0"}}`, strings.Repeat("[", 200),
	}
	for _, body := range bodies {
		info := revInfo{}
		if err := json.Unmarshal([]byte(body), &info); err != nil {
			rows = append(rows, row{body, nil})
			continue
		}
		rows = append(rows, row{body, []any{info.Version, info.Time.UnixMilli()}})
	}
	return rows
}

// Text, and the milliseconds since 1970 that a time.Time in JSON reads from it.
func timeRows() (rows []row) {
	texts := []string{
		"", "2024", "2024-01-01", "yesterday", "0", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01t00:00:00Z", "2024-01-01T00:00:00z", " 2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z ", "2024-1-1T00:00:00Z", "24-01-01T00:00:00Z", "02024-01-01T00:00:00Z", "-2024-01-01T00:00:00Z", "+002024-01-01T00:00:00Z",
		"2024-01-01T0:00:00Z", "2024-01-01T00:0:00Z", "2024-01-01T00:00:0Z", "2024-01-01T00:00Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.999999999Z", "2024-01-01T00:00:00.9999999999Z", "2024-01-01T00:00:00.0001Z", "1969-12-31T23:59:59.9999Z",
		"2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00-01:30", "2024-01-01T00:00:00+00:00", "2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00+01", "2024-01-01T00:00:00+1:00", "2024-01-01T00:00:00+23:59", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+24:60", "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00+01:60", "2024-01-01T00:00:00+01:61", "2024-01-01T00:00:00 01:00", "2024-01-01T00:00:00.5+01:00",
		"2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z", "2024-01-01T23:59:60Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-32T00:00:00Z", "2024-01-00T00:00:00Z", "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2024-04-31T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0099-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "２０24-01-01T00:00:00Z", "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00Z+01:00", "2024-01-01T00:00:00MST",
	}
	for year := 1; year < 3000; year += 97 {
		for _, day := range []string{"02-29", "12-31", "06-30", "06-31"} {
			texts = append(texts, fmt.Sprintf("%04d-%sT12:34:56Z", year, day))
		}
	}
	for _, text := range texts {
		var at time.Time
		quoted, _ := json.Marshal(text)
		err := json.Unmarshal(quoted, &at)
		rows = append(rows, row{text, orNull(at.UnixMilli(), err)})
	}
	return rows
}

// A go.mod, and the module path that it declares: null where it has no module line, "error" where go
// cannot read the file.
func modFileRows() (rows []row) {
	texts := []string{
		"", "\n", "module example.com/a\n", "module example.com/a", "module\texample.com/a\n", "  module   example.com/a  \n", "module example.com/a\r\n\r\ngo 1.21\r\n", "// c\n\nmodule example.com/a // d\n", "module example.com/a//d\n", "module \"example.com/a\"\n", "module `example.com/a`\n",
		"module \"example.com/a\" // c\n", "module (\n\texample.com/a\n)\n", "module (\n\n// c\n\t\"example.com/a\" // d\n)\n", "module(\n\texample.com/a\n)\n", "module (\n)\n", "module ()\n", "module\n", "module \n", "module // c\n", "modulo example.com/a\n", "moduleexample.com/a\n", "Module example.com/a\n", "module example.com/a b\n", "module example.com/a\nmodule example.com/b\n",
		"go 1.21\nmodule example.com/a\n", "require example.com/b v1.0.0\n", "require (\n\texample.com/b v1.0.0\n)\nmodule example.com/a\n", "require (\n\tmodule v1.0.0\n)\n", "module \"example.com/a\n", "module `example.com/a\n", "module \"\"\n", "module \"example.com/\\u0061\"\n", "module foo\n", "module example.com/a/v2\n\ngo 1.22\n\nretract v2.0.0\n",
		"// Deprecated: x\nmodule example.com/a\n", "<html><body>module example.com/a</body></html>\n", "<!doctype html>\n", "{}\n", "module {\n", "module [a]\n", "module a,b\n", "module (\nexample.com/a\n", "/* c */ module example.com/a\n", "module example.com/a /* c */\n", "module /example.com\n", "module ./a\n", "\ufeffmodule example.com/a\n", "module github.com/Azure/azure-sdk-for-go\n",
		"unknown directive\nmodule example.com/a\n", "unknown (\n\tmodule example.com/b\n)\nmodule example.com/a\n", "module \"a//b.com\"\n", "module example.com/a \\\n", "module \u00a0example.com/a\n", "replace example.com/b => ../b\nmodule example.com/a\n", "toolchain go1.22.0\ngodebug default=go1.21\nmodule example.com/a\n", "module (\n\texample.com/a\n\texample.com/b\n)\n",
	}
	for _, text := range texts {
		file, err := modfile.ParseLax("go.mod", []byte(text), nil)
		if err != nil {
			rows = append(rows, row{text, "error"})
		} else if file.Module == nil {
			rows = append(rows, row{text, nil})
		} else {
			rows = append(rows, row{text, file.Module.Mod.Path})
		}
	}
	return rows
}

// A line, and its words.
func fieldsRows() (rows []row) {
	lines := []string{"", " ", "a", " a ", "a b", "a  b", "a\tb\n", "a\r\n", "\u0085a\u00a0b\u1680c\u2000d\u200ae\u2028f\u2029g\u202fh\u205fi\u3000j", "a\u200bb", "a\ufeffb", "a\x00b", "a\x1fb", "a\x1cb", "a\vb\fc", "\u180ea"}
	for _, line := range lines {
		words := strings.Fields(line)
		if words == nil {
			words = []string{}
		}
		rows = append(rows, row{line, words})
	}
	return rows
}

// A verifier key, and the name in it; null where Go refuses the key.
func verifierRows() (rows []row) {
	const known = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
	public := make([]byte, 32)
	made, err := note.NewEd25519VerifierKey("localhost.localdev/sumdb", public)
	if err != nil {
		panic(err)
	}
	hash := strings.Split(made, "+")[1]
	keys := []string{
		known, made, strings.ToUpper(hash) + made, strings.Replace(made, hash, strings.ToUpper(hash), 1), strings.Replace(known, "033de0ae", "033de0af", 1), strings.Replace(known, "033de0ae", "33de0ae", 1), strings.Replace(known, "033de0ae", "0033de0ae", 1), strings.Replace(known, "sum.", "sun.", 1), known + "=", known[:len(known)-1], known[:len(known)-4], known + "AAAA",
		"+" + known, strings.Replace(known, "+", " ", 1), "", "sum", "a+b+c", "sum.example.com+00000000+", "sum.example.com+00000000+AQ==", "sum.example.com", "name+hash+key", strings.Replace(known, "Ac4", "Bc4", 1), base64.StdEncoding.EncodeToString(public),
	}
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			rows = append(rows, row{key, nil})
			continue
		}
		rows = append(rows, row{key, verifier.Name()})
	}
	return rows
}
