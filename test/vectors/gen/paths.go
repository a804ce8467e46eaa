package main

import (
	"strings"

	"golang.org/x/mod/module"
)

var plainPaths = []string{
	"example.com", "example.com/a", "example.com/a/b/c", "github.com/Azure/azure-sdk-for-go", "github.com/BurntSushi/toml",
	"gopkg.in/yaml.v2", "gopkg.in/yaml.v3", "gopkg.in/check.v1", "golang.org/x/mod", "golang.org/toolchain", "a.b", "0.0",
	"example.com/a/v2", "example.com/a/v10", "example.com/a~b", "example.com/a_b", "example.com/a-b", "example.com/a.b",
	"example.com/A", "example.com/Ä", "example.com/日本", "example.com/!a", "example.com/a!b", "xn--bcher-kva.example/a",
	"localhost.localdev/sumdb", "example.com/ALLUPPER/XYZ", "example.com/lookup/tile",
}

var oddPaths = []string{
	"", ".", "..", "/", "//", "a", "a/b", "-", "-a.b", "-example.com/a", "example.com/-a", "example-.com", "example.com-/a",
	".example.com", "example.com.", "example..com", "example.com/..", "example.com/.", "example.com/...", "example.com/.a",
	"example.com/a.", "example.com/a..b", "example.com//a", "/example.com", "example.com/", "example.com/a/", "EXAMPLE.com/a",
	"Example.com", "example_.com/a", "example~.com/a", "example.com:8080/a", "user@example.com/a", "example.com/a@v1.0.0",
	"example.com/@v/list", "example.com/a?b", "example.com/a#b", "example.com/a%2e", "example.com/%2e%2e", "example.com\\a",
	"example.com/a\\b", "example.com/..\\b", "example.com/\x00", "example.com/a\x00b", "example.com/\n", "example.com/a\t",
	"example.com/ ", "example.com/a b", "example.com/\x7f", "example.com/\u0080", "example.com/\u00a0", "example.com/\u200b",
	"example.com/\u202e", "example.com/\ufeff", "example.com/ſ", "example.com/K", "example.com/ı", "example.com/a+b", "example.com/c++",
	"example.com/*", "example.com/[a]", "example.com/{a}", "example.com/(a)", "example.com/a,b", "example.com/a;b", "example.com/a=b",
	"example.com/a&b", "example.com/a'b", "example.com/a\"b", "example.com/a`b", "example.com/a|b", "example.com/a<b>", "example.com/a:b",
	"example.com/a$b", "example.com/a^b", "C:/a.b", "c:\\a.b", "https://example.com/a", "file:///etc/passwd", "../../etc/passwd",
	"example.com/../../etc/passwd", "cmd", "std", "go", "toolchain", "internal/abi", "v1", "v1/example.com", "sumdb", "index",
	"example.com/a~1", "example.com/a~12", "example.com/a~", "example.com/~1", "example.com/~", "example.com/a~1b", "example.com/a~1.b",
	"example.com/a.~1", "example.com/a~1~", "example.com/a~~1", "a~1.com/b", "example.com/PROGRA~1", "1.2.3.4/a", "1.2.3.4", "[::1]/a",
	"example.com/v", "example.com/v0", "example.com/v1", "example.com/v2", "example.com/v01", "example.com/v02", "example.com/v1.0",
	"example.com/v2.0", "example.com/v2.", "example.com/v.2", "example.com/v.", "example.com/v2/v2", "example.com/v1/v2", "example.com/v2/v1",
	"example.com/a/v", "example.com/a/v0", "example.com/a/v1", "example.com/a/v1.2", "example.com/a/v09", "example.com/a/v2-beta",
	"example.com/a/V2", "example.com/av2", "example.com/a/2", "example.com/a/.2", "example.com/a/v99999999999999999999", "a.v2", "a.b/v2",
	"v2.example", "v.v2", "0.v2", "example.com/a.v2", "example.com/a/vv2", "example.com/a/v2a", "example.com/a/1.2", "example.com/a/v1.2.3",
	"gopkg.in", "gopkg.in/", "gopkg.in/yaml", "gopkg.in/yaml.v0", "gopkg.in/yaml.v1", "gopkg.in/yaml.v00", "gopkg.in/yaml.v01",
	"gopkg.in/yaml.v", "gopkg.in/yaml.v2.1", "gopkg.in/yaml/v2", "gopkg.in/yaml.v2/v3", "gopkg.in/yaml.v2-unstable", "gopkg.in/yaml.v0-unstable",
	"gopkg.in/yaml.v-unstable", "gopkg.in/yaml-unstable", "gopkg.in/yaml.v2-unstable-unstable", "gopkg.in/yaml.v01-unstable", "gopkg.in/.v2",
	"gopkg.in/v2", "gopkg.in/user/pkg.v3", "gopkg.in/user/pkg.v3/sub", "gopkg.in/YAML.v2", "gopkg.in/a.v1a", "gopkg.in/a.V1", "gopkg.in/a.v10",
	"gopkg.in.example/a", "example.com/a.v2-unstable", strings.Repeat("a", 300) + ".com/b", "example.com/" + strings.Repeat("a/", 200) + "a",
}

var windowsNames = []string{"con", "CON", "Con", "prn", "aux", "nul", "NUL", "com0", "com1", "COM9", "com10", "lpt1", "LPT9", "lpt0", "co", "conn", "nuls", "ſon"}

func allPaths() []string {
	paths := append(append([]string{}, plainPaths...), oddPaths...)
	for _, name := range windowsNames {
		paths = append(paths, "example.com/"+name, name+".com/a", "example.com/"+name+".txt", "example.com/a"+name,
			"example.com/"+name+"/b", "example.com/"+name+".", "example.com/."+name, "example.com/"+name+"-a", "example.com/"+name+"~1")
	}
	for c := rune(0); c < 0x100; c++ {
		paths = append(paths, "example.com/a"+string(c)+"b", string(c)+"example.com/a", "exam"+string(c)+"ple.com/a")
	}
	return paths
}

// Path, whether it is a module path, whether it is an import path, its escaped form.
func modulePathRows() (rows []row) {
	for _, path := range allPaths() {
		escaped, err := module.EscapePath(path)
		rows = append(rows, row{path, module.CheckPath(path) == nil, module.CheckImportPath(path) == nil, orNull(escaped, err)})
	}
	return rows
}

// Escaped path, the path.
func unescapePathRows() (rows []row) {
	inputs := append(allPaths(), "example.com/!a", "example.com/!!a", "example.com/!", "example.com/a!", "example.com/!A", "example.com/!1",
		"example.com/!/a", "example.com/!-a", "example.com/a!b!c", "!example.com", "example.com/!a/!b!c", "example.com/!é", "example.com/!ⅷ",
		"example.com/!con", "example.com/c!on", "example.com/!!", "gopkg.in/!yaml.v2", "example.com/!v2", "example.com/a/!v1", "!", "!a", "example.com/!a~1")
	for _, path := range plainPaths {
		if escaped, err := module.EscapePath(path); err == nil {
			inputs = append(inputs, escaped, escaped+"!", "!"+escaped, strings.ToUpper(escaped), strings.ReplaceAll(escaped, "a", "!a"))
		}
	}
	for _, escaped := range inputs {
		path, err := module.UnescapePath(escaped)
		rows = append(rows, row{escaped, orNull(path, err)})
	}
	return rows
}

func versionNames() []string {
	names := append(allVersions(), "latest", "main", "master", "HEAD", "feature/x", "v1.0.0/go.mod", "release-1.2", "Release_2", "abcdef123456",
		"upgrade", "patch", "<v1.2.3", ">=v1.2", "a b", " a", "a ", "a!b", "!", "!a", "!!a", "a!", "!A", "A!a", "@", "a@b", "#1", "a#b", "100%", "%2e", "a?b", "a*b", "a:b",
		"a|b", "a\"b", "a'b", "a`b", "a\\b", "..", ".", "...", ".a", "a.", "a..b", "..a", "-", "-a", "--", "~", "~1", "a~1", "con", "CON.x", "nul", "aux.info", "com1", "lpt9.v1",
		"$x", "(a)", "[a]", "{a}", "a,b", "a;b", "a=b", "a&b", "a^b", "日本", "é", "É", "\u202e", "a\x00", "\x1f", "\x7f", "a\n", "list", "v1.0.0.info", strings.Repeat("A", 300))
	for _, name := range windowsNames {
		names = append(names, name, name+".1", "v1."+name, "!"+strings.ToLower(name))
	}
	for c := rune(0); c < 0x100; c++ {
		names = append(names, "a"+string(c)+"b", string(c))
	}
	return names
}

// Version or query, its escaped form.
func escapeVersionRows() (rows []row) {
	for _, name := range versionNames() {
		escaped, err := module.EscapeVersion(name)
		rows = append(rows, row{name, orNull(escaped, err)})
	}
	return rows
}

// Escaped version or query, what it stands for.
func unescapeVersionRows() (rows []row) {
	inputs := versionNames()
	for _, name := range versionNames() {
		if escaped, err := module.EscapeVersion(name); err == nil && escaped != name {
			inputs = append(inputs, escaped)
		}
	}
	for _, escaped := range inputs {
		version, err := module.UnescapeVersion(escaped)
		rows = append(rows, row{escaped, orNull(version, err)})
	}
	return rows
}
