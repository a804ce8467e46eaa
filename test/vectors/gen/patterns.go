package main

import (
	"math/rand"
	"path"
	"strings"

	"golang.org/x/mod/module"
)

var patterns = []string{
	"", "a", "abc", "*", "**", "***", "a*", "*a", "*a*", "a*b", "a*b*c", "*c", "a*/b", "a*b?c*x", "a/b", "a/*", "*/b", "*/*", "?", "??", "a?b", "a???b", "*?", "?*", "?*?", "/*", "*/",
	"[a]", "[abc]", "[a-c]", "[^a]", "[^abc]", "[^a-c]", "[a-ζ]*", "*[a-ζ]", "a[^a]b", "a[^a][^a][^a]b", "ab[c]", "ab[b-d]", "ab[e-g]", "ab[^c]", "ab[^b-d]", "ab[^e-g]", "[c-a]", "[!a]", "[a-]", "[-a]", "[-]",
	"[a-b-c]", "[", "[a", "[^", "[^a", "[]", "[]a]", "[^]", "[^]a]", "a[", "a[b", "[a-", "[a-b", "[\\]a]", "[\\-]", "[x\\-]", "[\\-x]", "[x-\\", "[\\", "[a\\]", "[a-\\]]", "[[]", "[[]*]", "[*]", "[?]", "[*]*", "[/]", "a[/]b",
	"a[^x]b", "a?b/c", "a[a-z/]b", "\\a", "\\*", "\\?", "\\[", "\\\\", "\\", "a\\", "a\\*b", "*\\", "*x", "*\\*", "a*\\*b", "]", "a]", "-", "a-b", "^", "!", "[a]b[", "x[", "*[", "a*[", "*x[", "a*b[c", "x*[a", "[ab]*[cd]",
	"*.com", "*.example.com", "exampl?.com", "[de]xample.com", "example.com/*", "é", "?é", "[é]", "[à-ü]", "*é", "日?語", "*[^b]x*y", "*a*a*a*a*b", "*/a*", "a*/*b", "*,*", "{a,b}", "a{1}", "$a", "(a)", "a+", ".*", "...", "example.com/...",
	"[a][b][c]", "[a-a]", "[0-9]*", "v[0-9].*", "*-*", "*]*", "*[]]", "[^\\]]", "[\\^a]", "[a^]", "[^^]", "[--0]", "[+--]", "[a-\\z]", "[\\a-\\z]", "[z-\\a]",
}

var names = []string{
	"", "a", "b", "c", "x", "y", "ab", "abc", "abcd", "a/b", "a/b/c", "/a", "a/", "/", "//", "axbxc", "axbxcxd", "axb", "a-b", "a*b", "a?b", "a[b", "*", "?", "[", "]", "-", "^", "!", "\\", "a\\", "a]", "ζ", "aζ", "é", "aé", "éé", "日本語",
	"example.com", "sub.example.com", "example.com/a", "dexample.com", "axx/xy", "aaaaaaaaaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "v1.2", "a,b", "{a,b}", "a{1}", "$a", "(a)", "a+", "...", "AbC", "A", "0", "a a",
}

// Pattern, name, and whether they fit or the pattern is bad.
func matchRows() (rows []row) {
	random := rand.New(rand.NewSource(3))
	add := func(pattern, name string) {
		matched, err := path.Match(pattern, name)
		if err != nil {
			rows = append(rows, row{pattern, name, "bad pattern"})
			return
		}
		rows = append(rows, row{pattern, name, matched})
	}
	for _, pattern := range patterns {
		for _, name := range names {
			if matched, err := path.Match(pattern, name); matched || err != nil && random.Intn(12) == 0 || random.Intn(20) == 0 {
				add(pattern, name)
			}
		}
		add(pattern, pattern)
	}
	pieces := []string{"a", "b", "/", "*", "*", "?", "[", "]", "^", "-", "\\", "x", "[a-b]", "[^a]", "[/]"}
	letters := []string{"a", "b", "/", "x", "-"}
	for range 700 {
		var pattern, name strings.Builder
		for range 1 + random.Intn(6) {
			pattern.WriteString(pieces[random.Intn(len(pieces))])
		}
		for range random.Intn(7) {
			name.WriteString(letters[random.Intn(len(letters))])
		}
		add(pattern.String(), name.String())
	}
	return rows
}

// Comma-separated patterns, module path, and whether one of them fits a prefix.
func prefixRows() (rows []row) {
	globs := []string{
		"", ",", ",,", "*", "**", "example.com", "example.com,", ",example.com", "example.com/", "example.com//", "/example.com", "example.com/*", "example.com/*/", "example.com/a", "example.com/a/", "example.com/a/b", "example.com/a/*",
		"example.com/*/b", "*/a", "*/*", "*/*/*", "*.com", "*.example.com", "EXAMPLE.com", "example.com/A", "example.com/gi", "example.com/git", "exampl?.com", "[de]xample.com", "[^x]xample.com", "[", "[,example.com", "example.com,[", "[a,b]", "a[/]b",
		"example.com[/]a", "foo.test,example.com", "foo.test, example.com", " example.com", "example.com ", "foo.test;example.com", "foo.test|example.com", "!example.com", "https://example.com", "example.com/...", "none", "off", "example", "example.co",
		"example.comm", "github.com/corp/*", "github.com/corp", "*/corp", "*corp*", "*/*corp*", "gopkg.in/yaml.v2", "gopkg.in/*.v2", "gopkg.in/yaml.*", "golang.org", "golang.org/x/*", "*.org/x/mod", "\\example.com", "example\\.com", "example.com/\\a", "example.com\\",
		"{example.com,foo.test}", "e*e.com", "e*/a", "*e.com/a", "???????????", "*/", "//", "/", "a,/,*", "example.com/a,example.com/b,*.test",
	}
	targets := []string{
		"", "example.com", "example.com/a", "example.com/a/b", "example.com/a/b/c", "example.com/A", "example.com/git", "example.com/gitlab", "example.comm", "example.co", "sub.example.com/a", "foo.test", "foo.test/x", "a.foo.test", "github.com/corp/x", "github.com/corp/x/y",
		"github.com/corp", "github.com/corporate/x", "gopkg.in/yaml.v2", "gopkg.in/yaml.v3", "golang.org/x/mod", "golang.org/toolchain", "dexample.com", "none", "a/b", "b]", "example",
	}
	for _, glob := range globs {
		for _, target := range targets {
			rows = append(rows, row{glob, target, module.MatchPrefixPatterns(glob, target)})
		}
	}
	return rows
}
