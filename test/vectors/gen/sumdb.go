package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/http/httptest"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// seeded makes keys that are the same in every run.
func seeded(name, seed string) (signer note.Signer, skey, vkey string) {
	bytes := sha256.Sum256([]byte(seed))
	public, ok := ed25519.NewKeyFromSeed(bytes[:]).Public().(ed25519.PublicKey)
	if !ok {
		log.Fatal("no public key")
	}
	vkey, err := note.NewEd25519VerifierKey(name, public)
	if err != nil {
		log.Fatal(err)
	}
	hash := strings.Split(vkey, "+")[1]
	skey = fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{1}, bytes[:]...)))
	signer, err = note.NewSigner(skey)
	if err != nil {
		log.Fatal(err)
	}
	return signer, skey, vkey
}

// Verifier key, note, its text as Go opens it (null where it does not), and whether some base64 in it is not
// written as Go itself writes it.
func noteRows() (rows []row) {
	one, _, key := seeded("localhost.localdev/sumdb", "one")
	two, _, _ := seeded("other.example", "two")
	same, _, _ := seeded("localhost.localdev/sumdb", "three")
	sign := func(text string, signers ...note.Signer) string {
		signed, err := note.Sign(&note.Note{Text: text}, signers...)
		if err != nil {
			log.Fatal(err)
		}
		return string(signed)
	}
	lines := func(signed string) string { return signed[strings.LastIndex(signed, "\n\n")+2:] }
	const text = "go.sum database tree\n2\nnND/nri/U0xuHUrYSy0HtMeal2vzD9V4k/BO79C+QeI=\n"
	good := sign(text, one)
	line := strings.TrimSuffix(lines(good), "\n")
	base := line[strings.LastIndex(line, " ")+1:]
	swap := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	notes := []string{
		good, sign(text, one, two), sign(text, two, one), sign(text, two), sign(text, same), sign(text, same, one), sign("\n", one), sign("a\n\nb\n\nc\n", one), sign("\n\n\n", one), sign("é 文 😀\n", one), sign("\u2028\u00a0\ufeff\n", one), sign("\x7f\u0080\n", one), sign("a\ufffdb\n", one),
		good + lines(good), good + lines(sign(text, two)), good + lines(sign("other\n", one)), text + "\n" + lines(sign("other\n", one)) + lines(good), text + "\n" + lines(sign("other\n", one)), text + "\n" + lines(sign("other\n", two)) + lines(good),
		"", "\n", "\n\n", "\n\n\n", text, text + "\n", strings.TrimSuffix(good, "\n"), good + "\n", good + " ", good + "x\n", "\n" + good, " " + good, swap("tree", "Tree"), swap("\n2\n", "\n3\n"), swap("tree\n", "tree\r\n"), swap("tree\n", "tree\t\n"), swap("tree\n", "tree\x00\n"), swap("tree\n", "tree\x1b\n"), strings.ReplaceAll(good, "\n", "\r\n"),
		swap("— ", "- "), swap("— ", "—"), swap("— ", "—  "), swap("— ", "— \u00a0"), swap("— ", " — "), swap("— ", "–— "), swap("— localhost.localdev/sumdb ", "— localhost.localdev/sumdb  "), swap("— localhost.localdev/sumdb", "— localhost.localdev/sumdb+"), swap("— localhost.localdev/sumdb", "— localhost.localdev/sumdB"), swap("— localhost.localdev/sumdb ", "— localhost.localdev/sumdb\u2003"), swap("— localhost.localdev/sumdb ", "— "),
		swap(base, ""), swap(base, "AAAA"), swap(base, "AAAAAAA="), swap(base, "AAAAAA=="), swap(base, base+"="), swap(base, strings.TrimSuffix(base, "=")), swap(base, base[:40]), swap(base, base[:40]+" "+base[40:]), swap(base, base+" "), swap(base, base[1:]), swap(base, "B"+base[1:]), swap(base, strings.ReplaceAll(base, "+", "-")), swap(base, strings.TrimSuffix(base, "=")+"A"), swap(base, "*"+base[1:]),
	}
	// The last character before the = has two bits that stand for nothing.
	for _, char := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		notes = append(notes, swap(base, base[:len(base)-2]+string(char)+"="))
	}
	more := good
	for i := range 100 {
		signer, _, _ := seeded(fmt.Sprintf("other%d.example", i), "more")
		more += lines(sign(text, signer))
		if i >= 98 {
			notes = append(notes, more)
		}
	}
	for _, n := range notes {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			log.Fatal(err)
		}
		opened, err := note.Open([]byte(n), note.VerifierList(verifier))
		if err != nil {
			rows = append(rows, row{key, n, nil, isLoose(n)})
			continue
		}
		rows = append(rows, row{key, n, opened.Text, isLoose(n)})
	}
	return rows
}

func isLoose(n string) bool {
	for _, line := range strings.Split(n, "\n") {
		if !strings.HasPrefix(line, "— ") {
			continue
		}
		text := line[strings.LastIndex(line, " ")+1:]
		raw, err := base64.StdEncoding.DecodeString(text)
		if err == nil && base64.StdEncoding.EncodeToString(raw) != text {
			return true
		}
	}
	return false
}

// Text, and the size and root that Go reads from it; null where it is no tree.
func treeRows() (rows []row) {
	const root = "nND/nri/U0xuHUrYSy0HtMeal2vzD9V4k/BO79C+QeI="
	head := func(size string) string { return "go.sum database tree\n" + size + "\n" + root + "\n" }
	texts := []string{
		head("0"), head("1"), head("2"), head("123456789"), head("9007199254740991"), head(""), head("-1"), head("-0"), head("+1"), head("01"), head("00"), head(" 1"), head("1 "), head("1.0"), head("1e3"), head("0x1"), head("1_000"), head("٣"), head("9223372036854775808"), head("99999999999999999999"),
		head("1") + "more\n", head("1") + "\n", head("1") + "more", "", "\n", "go.sum database tree\n", "go.sum database tree\n1\n", "go.sum database tree\n1\n" + root, "go.sum database tree v2\n1\n" + root + "\n", "Go.sum database tree\n1\n" + root + "\n", " " + head("1"), "\n" + head("1"), strings.ReplaceAll(head("1"), "\n", "\r\n"),
		"go.sum database tree\n1\n\n", "go.sum database tree\n1\nAAAA\n", "go.sum database tree\n1\n" + root + "AAAA\n", "go.sum database tree\n1\n" + strings.TrimSuffix(root, "=") + "\n", "go.sum database tree\n1\n" + root + " \n", "go.sum database tree\n1\n*" + root[1:] + "\n", "go.sum database tree\n1\n" + strings.ReplaceAll(root, "+", "-") + "\n",
	}
	for _, text := range texts {
		tree, err := tlog.ParseTree([]byte(text))
		if err != nil {
			rows = append(rows, row{text, nil, nil})
			continue
		}
		rows = append(rows, row{text, tree.N, tree.Hash.String()})
	}
	return rows
}

// logOf has the stored hashes of the records "record 0" and so on.
func logOf(size int64) tlog.HashReaderFunc {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for n := range size {
		hashes, err := tlog.StoredHashes(n, fmt.Appendf(nil, "record %d", n), reader)
		if err != nil {
			log.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
	return reader
}

func texts(hashes []tlog.Hash) []string {
	texts := []string{}
	for _, hash := range hashes {
		texts = append(texts, hash.String())
	}
	return texts
}

var treeSizes = []int64{1, 2, 3, 4, 5, 7, 8, 9, 13, 255, 256, 257, 511, 512, 513, 1000, 4095, 4096, 4097, 5000}

// Size of the log "record 0", "record 1" …, and its root.
func rootRows() (rows []row) {
	reader := logOf(5000)
	for _, size := range append([]int64{0}, treeSizes...) {
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			log.Fatal(err)
		}
		rows = append(rows, row{size, root.String()})
	}
	return rows
}

// Size of the log, a record, and the proof that it is in there.
func recordProofRows() (rows []row) {
	reader := logOf(5000)
	random := rand.New(rand.NewSource(5))
	for _, size := range treeSizes {
		records := []int64{0, size / 2, size - 1, random.Int63n(size), random.Int63n(size)}
		for _, record := range records {
			proof, err := tlog.ProveRecord(size, record, reader)
			if err != nil {
				log.Fatal(err)
			}
			rows = append(rows, row{size, record, texts(proof)})
		}
	}
	return rows
}

// Size of the log, size of an older one, and the proof that it is the beginning.
func treeProofRows() (rows []row) {
	reader := logOf(5000)
	random := rand.New(rand.NewSource(6))
	for _, size := range treeSizes {
		olders := []int64{1, size/2 + 1, size, max(1, size-1), 1 + random.Int63n(size), 1 + random.Int63n(size)}
		for _, older := range olders {
			if older > size {
				continue
			}
			proof, err := tlog.ProveTree(size, older, reader)
			if err != nil {
				log.Fatal(err)
			}
			rows = append(rows, row{size, older, texts(proof)})
		}
	}
	return rows
}

// A tile of height 8: level, number, width; and its path.
func tileNameRows() (rows []row) {
	for _, level := range []int{0, 1, 2, 5} {
		for _, number := range []int64{0, 1, 9, 255, 999, 1000, 1001, 1234067, 999999999, 1000000000} {
			for _, width := range []int{1, 17, 255, 256} {
				rows = append(rows, row{level, number, width, tlog.Tile{H: 8, L: level, N: number, W: width}.Path()})
			}
		}
	}
	return rows
}

// sessionOps is the world of Go's own client, in memory; it writes down what is asked.
type sessionOps struct {
	vkey   string
	server *sumdb.Server
	config []byte
	cache  map[string][]byte
	asked  []string
}

func (o *sessionOps) ReadRemote(path string) ([]byte, error) {
	o.asked = append(o.asked, strings.TrimPrefix(path, "/"))
	recorder := httptest.NewRecorder()
	o.server.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
	if recorder.Code != 200 {
		return nil, errors.New(recorder.Body.String())
	}
	return recorder.Body.Bytes(), nil
}

func (o *sessionOps) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(o.vkey), nil
	}
	return o.config, nil
}

func (o *sessionOps) WriteConfig(file string, old, new []byte) error {
	o.config = new
	return nil
}

func (o *sessionOps) ReadCache(file string) ([]byte, error) {
	data, ok := o.cache[file]
	if !ok {
		return nil, errors.New("not cached")
	}
	return data, nil
}

func (o *sessionOps) WriteCache(file string, data []byte) { o.cache[file] = data }
func (o *sessionOps) Log(msg string)                      {}
func (o *sessionOps) SecurityError(msg string)            { log.Fatal(msg) }

// What the records of test/testkit/sumdb-server.ts say.
func fillerLines(path, version string) []byte {
	number := strings.TrimPrefix(path, "filler.example/m")
	hash := func(kind string) string {
		sum := sha256.Sum256([]byte(number + " " + kind + " false"))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	return fmt.Appendf(nil, "%s %s h1:%s\n%s %s/go.mod h1:%s\n", path, version, hash("zip"), path, version, hash("mod"))
}

// Steps of a session of Go's client with a growing database: its size, the record looked up, the two lines of go.sum,
// and the paths that were asked, sorted. The cache is kept from step to step, the client is a new one each time.
func sessionRows() (rows []row) {
	sessions := [][][2]int64{
		{{1, 0}}, {{2, 1}}, {{255, 3}}, {{256, 255}}, {{257, 256}}, {{343, 11}}, {{343, 342}}, {{512, 400}}, {{1000, 5}},
		{{300, 7}, {300, 8}, {300, 290}, {600, 7}, {600, 599}, {3000, 599}, {3000, 1500}},
		{{256, 0}, {512, 511}, {768, 1}, {1024, 700}, {2048, 2047}, {4096, 1000}},
		{{1, 0}, {2, 0}, {3, 2}, {200, 100}, {201, 100}, {202, 101}, {2000, 1999}, {4500, 4400}},
	}
	for _, session := range sessions {
		_, skey, vkey := seeded("localhost.localdev/sumdb", "four")
		server := sumdb.NewTestServer(skey, func(path, version string) ([]byte, error) { return fillerLines(path, version), nil })
		ops := &sessionOps{vkey: vkey, server: sumdb.NewServer(server), cache: map[string][]byte{}}
		size := int64(0)
		steps := []any{}
		for _, step := range session {
			for ; size < step[0]; size++ {
				name := module.Version{Path: fmt.Sprintf("filler.example/m%d", size), Version: "v1.0.0"}
				if _, err := server.Lookup(context.Background(), name); err != nil {
					log.Fatal(err)
				}
			}
			ops.asked = nil
			client := sumdb.NewClient(ops)
			path := fmt.Sprintf("filler.example/m%d", step[1])
			zip, err1 := client.Lookup(path, "v1.0.0")
			mod, err2 := client.Lookup(path, "v1.0.0/go.mod")
			if err1 != nil || err2 != nil {
				log.Fatal(err1, err2)
			}
			asked := append([]string{}, ops.asked...)
			slices.Sort(asked)
			steps = append(steps, []any{step[0], step[1], append(zip, mod...), asked})
		}
		rows = append(rows, row(steps))
	}
	return rows
}
