package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/base64"
	"hash/crc32"
	"log"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

const zipModule, zipVersion, zipPrefix = "example.com/a", "v1.0.0", "example.com/a@v1.0.0/"

// What it is, module, version, the zip in base64, what CheckZip says against it, its h1.
func moduleZipRows() (rows []row) {
	add := func(what, path, version string, content []byte) {
		file := filepath.Join(os.TempDir(), "gen-module.zip")
		defer os.Remove(file)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			log.Fatal(err)
		}
		var reason any
		if _, err := modzip.CheckZip(module.Version{Path: path, Version: version}, file); err != nil {
			reason = err.Error()
		}
		h1, err := dirhash.HashZip(file, dirhash.Hash1)
		rows = append(rows, row{what, path, version, base64.StdEncoding.EncodeToString(content), reason, orNull(h1, err)})
	}
	for _, name := range zipNames {
		add("name "+name, zipModule, zipVersion, zipOf(plain("a.go"), plain(name)))
	}
	for _, pair := range zipPairs {
		add("names "+pair[0]+" and "+pair[1], zipModule, zipVersion, zipOf(plain(pair[0]), plain(pair[1])))
	}
	for _, of := range zipVersions {
		add("version "+of[1], of[0], of[1], zipOf(entry{name: of[0] + "@" + of[1] + "/a.go", content: "package a\n"}))
	}
	contents := zipContents()
	for _, what := range slices.Sorted(maps.Keys(contents)) {
		add(what, zipModule, zipVersion, zipOf(contents[what]...))
	}
	random := rand.New(rand.NewSource(1))
	whole := zipOf(plain("go.mod"), entry{name: zipPrefix + "a.go", content: strings.Repeat("package a\n", 9)}, plain("b/"))
	for range 250 {
		changed := bytes.Clone(whole)
		for range 1 + random.Intn(2) {
			changed[random.Intn(len(changed))] ^= 1 << random.Intn(8)
		}
		add("bits changed", zipModule, zipVersion, changed)
	}
	return rows
}

// entry is a file of a zip; what is set of the rest replaces what would be right.
type entry struct {
	name, content string
	// raw is what stands in the zip for the content.
	raw              string
	method           uint16
	size             uint64
	crc              uint32
	isCrcless, isRaw bool
	// descriptor stands behind the content, with this CRC.
	descriptor *uint32
}

func plain(name string) entry { return entry{name: zipPrefix + name} }

func zipOf(entries ...entry) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if !e.isRaw {
			f, err := w.CreateHeader(header)
			if err == nil && e.content != "" {
				_, err = f.Write([]byte(e.content))
			}
			if err != nil {
				log.Fatal(err)
			}
			continue
		}
		// The writer refuses content of directories.
		header.Name = strings.Replace(e.name, "/d/", "/d\x01", 1)
		header.Method = e.method
		header.CRC32 = crc32.ChecksumIEEE([]byte(e.content))
		if e.crc != 0 || e.isCrcless {
			header.CRC32 = e.crc
		}
		header.UncompressedSize64 = uint64(len(e.content))
		if e.size != 0 {
			header.UncompressedSize64 = e.size
		}
		header.CompressedSize64 = uint64(len(e.raw))
		if e.descriptor != nil {
			header.Flags |= 8
		}
		f, err := w.CreateRaw(header)
		if err == nil {
			_, err = f.Write([]byte(e.raw))
		}
		if err != nil {
			log.Fatal(err)
		}
		if e.descriptor != nil {
			if err := w.Flush(); err != nil {
				log.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	content := bytes.ReplaceAll(out.Bytes(), []byte("/d\x01"), []byte("/d/"))
	for _, e := range entries {
		if e.descriptor == nil {
			continue
		}
		at := bytes.Index(content, []byte{'P', 'K', 7, 8})
		for i := range 4 {
			content[at+4+i] = byte(*e.descriptor >> (8 * i))
		}
	}
	return content
}

func deflate(text string) string {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 9)
	if _, err := w.Write([]byte(text)); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	return out.String()
}

func zipContents() map[string][]entry {
	text := strings.Repeat("package a\n", 30)
	large := strings.Repeat("package large\n", 400_000)
	sum := crc32.ChecksumIEEE([]byte(text))
	other := sum + 1
	a := func(e entry) []entry {
		e.isRaw = true
		if e.name == "" {
			e.name = zipPrefix + "a.go"
		}
		if e.content == "" {
			e.content = text
		}
		return []entry{e}
	}
	const limit = 16 << 20
	return map[string][]entry{
		"no files":                      {},
		"stored":                        a(entry{raw: text}),
		"deflated":                      a(entry{raw: deflate(text), method: 8}),
		"deflated, bytes behind":        a(entry{raw: deflate(text) + "behind", method: 8}),
		"deflated, cut":                 a(entry{raw: deflate(text)[:9], method: 8}),
		"deflated, nothing":             a(entry{method: 8}),
		"deflated, no such block":       a(entry{raw: "\x07\x00", method: 8}),
		"other method":                  a(entry{raw: text, method: 12}),
		"CRC wrong":                     a(entry{raw: text, crc: other}),
		"CRC 0":                         a(entry{raw: text, isCrcless: true}),
		"descriptor":                    a(entry{raw: text, descriptor: &sum}),
		"descriptor with another CRC":   a(entry{raw: text, descriptor: &other}),
		"both CRCs wrong":               a(entry{raw: text, crc: other, descriptor: &other}),
		"CRC 0 with a descriptor":       a(entry{raw: text, isCrcless: true, descriptor: new(uint32)}),
		"stored, larger than said":      a(entry{raw: text, size: 299}),
		"stored, smaller than said":     a(entry{raw: text, size: 301}),
		"deflated, larger than said":    a(entry{raw: deflate(text), method: 8, size: 299}),
		"deflated, smaller than said":   a(entry{raw: deflate(text), method: 8, size: 301}),
		"large":                         a(entry{content: large, raw: deflate(large), method: 8}),
		"large, bytes behind":           a(entry{content: large, raw: deflate(large) + strings.Repeat("behind", 9), method: 8}),
		"large, cut":                    a(entry{content: large, raw: deflate(large)[:3000], method: 8}),
		"large, CRC wrong":              a(entry{content: large, raw: deflate(large), method: 8, crc: 1}),
		"large, larger than said":       a(entry{content: large, raw: deflate(large), method: 8, size: 5_000_000}),
		"large, smaller than said":      a(entry{content: large, raw: deflate(large), method: 8, size: 7_000_000}),
		"directory with stored bytes":   append(a(entry{raw: text}), entry{name: zipPrefix + "d/", isRaw: true, raw: "\x03\x00", method: 8}),
		"directory with content":        append(a(entry{raw: text}), entry{name: zipPrefix + "d/", isRaw: true, content: "x", raw: "x"}),
		"go.mod at the limit":           a(entry{name: zipPrefix + "go.mod", raw: text, size: limit}),
		"go.mod beyond the limit":       a(entry{name: zipPrefix + "go.mod", raw: text, size: limit + 1}),
		"LICENSE at the limit":          a(entry{name: zipPrefix + "LICENSE", raw: text, size: limit}),
		"LICENSE beyond the limit":      a(entry{name: zipPrefix + "LICENSE", raw: text, size: limit + 1}),
		"license of another case":       a(entry{name: zipPrefix + "license", raw: text, size: limit + 1}),
		"LICENSE below":                 a(entry{name: zipPrefix + "b/LICENSE", raw: text, size: limit + 1}),
		"content at the limit":          a(entry{raw: text, size: 500 << 20}),
		"content beyond the limit":      a(entry{raw: text, size: 500<<20 + 1}),
		"content far beyond the limit":  a(entry{raw: text, size: 1 << 40}),
		"content beyond what Go counts": a(entry{raw: text, size: 1 << 63}),
		"contents at the limit":         append(a(entry{raw: text, size: 300 << 20}), a(entry{name: zipPrefix + "b.go", raw: text, size: 200 << 20})...),
		"contents beyond the limit":     append(a(entry{raw: text, size: 300 << 20}), a(entry{name: zipPrefix + "b.go", raw: text, size: 200<<20 + 1})...),
		"a file twice, other content":   {plain("a.go"), {name: zipPrefix + "a.go", content: "x"}},
		"a name that is not UTF-8":      {plain("a\xff.go")},
		"another module":                {{name: "example.com/b@v1.0.0/a.go"}},
		"another version":               {{name: "example.com/a@v1.0.1/a.go"}},
		"no prefix":                     {{name: "a.go"}},
		"a prefix that is cut":          {{name: "example.com/a@v1.0.0"}},
		"the prefix alone":              {{name: zipPrefix}},
		"the prefix alone, and a file":  {{name: zipPrefix}, plain("a.go")},
		"a longer prefix":               {{name: "/" + zipPrefix + "a.go"}},
	}
}

var zipNames = []string{
	"b.go", "b", ".", "..", "...", "./b.go", "../b.go", "b/../c.go", "b/./c.go", "/b.go", "//b.go", "b//c.go", "b/", "b//", "/", "b/c/", "./", "../",
	"b.", "b./c", "b/c.", ".b", "..b", "b..c", ".git/config", ".hg_archival.txt", "vendor/x/y.go", "vendor/modules.txt", "b c.go", " b", "b ",
	"b\\c.go", "..\\b.go", "b:c", "C:b", "b\nc", "b\tc", "b\x00c", "b\x7fc", "b\"c", "b'c", "b`c", "b*c", "b?c", "b<c", "b>c", "b|c", "b;c", "b/c;d",
	"b!c", "b#c", "b$c", "b%c", "b&c", "b(c)", "b+c", "b,c", "b-c", "b=c", "b@c", "b[c]", "b^c", "b_c", "b{c}", "b~c", "~", "b~1", "b/PROGRA~1",
	"é.go", "日本.go", "☺.go", "b☺", "\u200b", "\u202e", "\ufeffb", "b\u0301", "²", "Ⅷ", "ª", "𝒜.go", "𠀀.go", "😀",
	"con", "CON", "Con.go", "con.", "b/aux/c", "aux.tar.gz", "nul", "prn", "com0", "com1", "com9.x", "com10", "lpt5", "conx", "con~1",
	"go.mod", "GO.MOD", "Go.mod", "go.mod/", "go.mod/b", "b/go.mod", "b/GO.mod", "b/go.mod/", "b/go.mod/c", "go.mod.go", "xgo.mod", "b/xgo.mod", "go.mod ", "go.sum",
	"LICENSE", "license", "b/LICENSE", strings.Repeat("b", 300), strings.Repeat("b/", 200) + "c",
}

var zipPairs = [][2]string{
	{"b.go", "b.go"}, {"b.go", "B.go"}, {"b", "b/c"}, {"b/c", "b"}, {"b/", "b"}, {"b", "b/"}, {"b/", "b/"}, {"b/", "b/c"}, {"b/c", "b/"},
	{"b/c", "B/d"}, {"b/c", "B/c"}, {"b/", "B/"}, {"B", "b/c"}, {"s", "ſ"}, {"S", "ſ"}, {"k", "K"}, {"K", "K"}, {"å", "Å"}, {"Å", "Å"},
	{"i", "ı"}, {"I", "ı"}, {"i", "İ"}, {"ı", "İ"}, {"σ", "ς"}, {"Σ", "ς"}, {"ß", "ẞ"}, {"ß", "ss"}, {"é", "É"}, {"é", "e\u0301"}, {"ǆ", "ǅ"}, {"ǆ", "Ǆ"},
	{"µ", "μ"}, {"θ", "ϑ"}, {"ω", "Ω"}, {"ᏸ", "Ᏸ"}, {"ꭰ", "Ꭰ"}, {"ა", "Ა"}, {"ⴀ", "Ⴀ"}, {"ﬀ", "ff"}, {"ŉ", "ʼn"}, {"ΐ", "ΐ"}, {"𐐨", "𐐀"}, {"б", "Б"},
	{"ⅷ", "Ⅷ"}, {"go.mod", "GO.MOD"}, {"a/go.mod", "go.mod"}, {"\ue000", "b"}, {"𐀀", "豈"},
}

var zipVersions = [][2]string{
	{"example.com/a", "v1.0.0"}, {"example.com/a", "v0.0.0"}, {"example.com/a", "v1"}, {"example.com/a", "v1.0"}, {"example.com/a", "1.0.0"}, {"example.com/a", ""},
	{"example.com/a", "latest"}, {"example.com/a", "v1.0.0+meta"}, {"example.com/a", "v1.0.0+incompatible"}, {"example.com/a", "v2.0.0"}, {"example.com/a", "v2.0.0+incompatible"},
	{"example.com/a", "v1.0.0-pre"}, {"example.com/a", "v01.0.0"}, {"example.com/a", "v0.0.0-20240101000000-abcdefabcdef"}, {"example.com/a/v2", "v2.0.0"}, {"example.com/a/v2", "v1.0.0"},
	{"example.com/a/v2", "v2.0.0+incompatible"}, {"example.com/a/v2", "v3.0.0"}, {"example.com/a/v2", "v20.0.0"}, {"example.com/a/v20", "v2.0.0"}, {"example.com/a/v1", "v1.0.0"},
	{"gopkg.in/yaml.v2", "v2.4.0"}, {"gopkg.in/yaml.v2", "v3.0.0"}, {"gopkg.in/yaml.v1", "v0.0.0-20240101000000-abcdefabcdef"}, {"gopkg.in/yaml.v1", "v0.1.0"},
	{"gopkg.in/yaml.v2", "v0.0.0-20240101000000-abcdefabcdef"}, {"gopkg.in/yaml.v2-unstable", "v2.0.0"}, {"gopkg.in/yaml.v1-unstable", "v0.0.0-20240101000000-abcdefabcdef"},
	{"gopkg.in/yaml.v0", "v0.1.0"}, {"gopkg.in/yaml", "v1.0.0"}, {"gopkg.in/yaml.v2", "v2.0.0+incompatible"}, {"example.com/A", "v1.0.0"}, {"a", "v1.0.0"}, {"example.com/a/", "v1.0.0"},
	{"golang.org/toolchain", "v0.0.1-go1.21.0.linux-amd64"}, {"example.com/../a", "v1.0.0"},
}
