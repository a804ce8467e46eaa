// Command gen writes what Go itself says about module paths, versions, patterns and the like to the
// JSON files in the parent folder, which the tests of src/gomod and src/sumdb compare with.
//
// Run by hand after a new release of Go or golang.org/x/mod, in this folder:
//
//	GOMODCACHE=$(mktemp -d) go run . && ../../../node_modules/.bin/oxfmt --write ..
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
)

// row is one case: the input, then what Go makes of it; null stands for an error.
type row []any

func main() {
	write("module-path", modulePathRows())
	write("unescape-path", unescapePathRows())
	write("escape-version", escapeVersionRows())
	write("unescape-version", unescapeVersionRows())
	write("version", versionRows())
	write("compare-versions", compareRows())
	write("match-path", matchRows())
	write("match-prefix-patterns", prefixRows())
	write("tile-path", tileRows())
	write("info", infoRows())
	write("time", timeRows())
	write("mod-file", modFileRows())
	write("go-sum-fields", fieldsRows())
	write("verifier-key", verifierRows())
	write("signed-note", noteRows())
	write("tree-head", treeRows())
	write("tree-root", rootRows())
	write("record-proof", recordProofRows())
	write("tree-proof", treeProofRows())
	write("tile-name", tileNameRows())
	write("sumdb-session", sessionRows())
	write("module-zip", moduleZipRows())
	write("sums", sumRows())
}

// write puts one case on a line and leaves out cases that were there before.
func write(name string, rows []row) {
	var out bytes.Buffer
	seen := map[string]bool{}
	for _, r := range rows {
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(r); err != nil {
			log.Fatal(err)
		}
		text := string(bytes.TrimSpace(line.Bytes()))
		if seen[text] {
			continue
		}
		if len(seen) > 0 {
			out.WriteString(",\n")
		}
		seen[text] = true
		out.WriteString(text)
	}
	content := "[\n" + out.String() + "\n]\n"
	if err := os.WriteFile(filepath.Join("..", name+".json"), []byte(content), 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("%s: %d cases", name, len(seen))
}

// orNull is the value, or null where there is an error.
func orNull[T any](value T, err error) any {
	if err != nil {
		return nil
	}
	return value
}
