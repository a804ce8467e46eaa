package main

import (
	"math/rand"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

var plainVersions = []string{
	"v0.0.0", "v0.0.1", "v0.1.0", "v1.0.0", "v1.0.1", "v1.2.3", "v1.10.0", "v1.9.0", "v2.0.0", "v10.0.0", "v2.0.0+incompatible", "v3.1.4-rc.1+incompatible",
	"v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.beta", "v1.0.0-beta", "v1.0.0-beta.2", "v1.0.0-beta.11", "v1.0.0-rc.1", "v1.0.0-RC1",
	"v1.0.0-0", "v1.0.0-1", "v1.0.0-2", "v1.0.0-10", "v1.0.0-a", "v1.0.0-A", "v1.0.0-a-b", "v1.0.0--", "v1.0.0---", "v1.0.0-a.0", "v1.0.0-a.00a", "v1.0.0-0a", "v1.0.0-00a",
	"v1.0.0-0.0.0", "v1.0.0-1.2.3", "v1.0.0-x.7.z.92", "v1.0.0-x-y-z.-", "v1.0.0+meta", "v1.0.0+meta.1", "v1.0.0+001", "v1.0.0-rc+meta", "v1.0.0+a-b", "v1.0.0+-",
	"v99999999999999999999.0.0", "v1.99999999999999999999999.0", "v1.0.99999999999999999999", "v1.0.0-99999999999999999999", "v1.0.0-100000000000000000000",
	"v0.0.1-go1.26.0.linux-amd64", "v0.0.1-go1.21rc2.windows-arm64", "v0.0.1-go1.99.0.linux-amd64",
	"v0.0.0-20240101000000-abcdefabcdef", "v0.0.0-20161208181325-20d25e280405", "v1.2.4-0.20240110000000-feedfacefeed", "v1.2.3-pre.0.20240110000000-feedfacefeed",
	"v2.0.1-0.20240110000000-feedfacefeed+incompatible", "v2.0.0-20240110000000-feedfacefeed+incompatible", "v1.0.0-rc.1.0.20240110000000-feedfacefeed",
	"v0.0.0-00010101000000-000000000000", "v3.0.0-20240229120000-abcdefabcdef",
}

var oddVersions = []string{
	"", "v", "v1", "v1.2", "v0", "v0.0", "v1.", "v1.2.", "v1.2.3.", "v1.2.3.4", "1.2.3", "1", "V1.2.3", "vv1.2.3", " v1.2.3", "v1.2.3 ", "v1.2.3\n", "v 1.2.3", "v1. 2.3",
	"v01.2.3", "v1.02.3", "v1.2.03", "v00.0.0", "v0.00.0", "v0.0.00", "v-1.2.3", "v+1.2.3", "v1.-2.3", "v1.2.-3", "v1.2.3-", "v1.2.3+", "v1.2.3-+", "v1.2.3-+meta", "v1.2.3-a+",
	"v1.2.3-.", "v1.2.3-a.", "v1.2.3-.a", "v1.2.3-a..b", "v1.2.3-01", "v1.2.3-00", "v1.2.3-a.01", "v1.2.3-a.0.01", "v1.2.3-a_b", "v1.2.3-a!b", "v1.2.3-é", "v1.2.3+é", "v1.2.3+a..b",
	"v1.2.3+.a", "v1.2.3+a.", "v1.2.3+a+b", "v1.2.3+a_b", "v1-pre", "v1.2-pre", "v1+meta", "v1.2+meta", "v1.2.x", "v1.x", "vx", "v1e3.0.0", "v1.2.3/go.mod", "v１.2.3", "v1.2.3-١",
	"latest", "master", "none", "v1.2.3 // indirect", "v1.2.3+incompatible+x", "v1.2.3+Incompatible", "v1.2.3-incompatible", "v1.2.3+incompatible.1", "v1+incompatible", "v1.2+incompatible",
	"v0.0.0-20240101000000-", "v0.0.0-2024010100000-abcdefabcdef", "v0.0.0-202401010000000-abcdefabcdef", "v0.0.0-20240101000000abcdefabcdef", "v0.0.0-20240101000000-abcdef_abcdef",
	"v0.0.0-20240101000000-ABCDEF", "v0.0.0-20240101000000-a", "v0.0.0-20240101000000-abc-def", "v0.1.0-20240101000000-abcdefabcdef", "v1.2.3-20240101000000-abcdefabcdef",
	"v1.2.3-1.20240101000000-abcdefabcdef", "v1.2.3-00.20240101000000-abcdefabcdef", "v1.2.3-pre.20240101000000-abcdefabcdef", "v1.2.3-pre0.20240101000000-abcdefabcdef",
	"v1.2.3-pre.1.0.20240101000000-abcdefabcdef", "v1.2.3-a-b.0.20240101000000-abcdefabcdef", "v1.2.3-0.0.20240101000000-abcdefabcdef", "v1-20240101000000-abcdefabcdef",
	"v0.0.0-20241301000000-abcdefabcdef", "v0.0.0-20240230000000-abcdefabcdef", "v0.0.0-20230229000000-abcdefabcdef", "v0.0.0-20240101240000-abcdefabcdef", "v0.0.0-20240101006000-abcdefabcdef",
	"v0.0.0-20240101000060-abcdefabcdef", "v0.0.0-20240001000000-abcdefabcdef", "v0.0.0-20240100000000-abcdefabcdef", "v0.0.0-00000101000000-abcdefabcdef", "v0.0.0-99991231235959-abcdefabcdef",
	"v0.0.0-19000229000000-abcdefabcdef", "v0.0.0-20000229235959-abcdefabcdef", "v0.0.0-00990704120000-abcdefabcdef", "v0.0.0-20240101000000-abcdefabcdef+meta", "v0.0.0-20240101000000-abcdefabcdef+a.b-c",
	"v1.2.3-0.20240101000000-abc+incompatible", "v1.2.3-0.2024-abc", "v0.0.0-0.20240101000000-abcdefabcdef", "v1.0.0-20240101000000-abcdefabcdef", "v0.0.0-20240101000000-abcdefabcdef-dirty",
	strings.Repeat("v", 50), "v1." + strings.Repeat("9", 200) + ".0", "v1.0.0-" + strings.Repeat("a.", 200) + "a", "v1.0.0-" + strings.Repeat("0", 60) + "a",
}

func allVersions() []string {
	versions := append(append([]string{}, plainVersions...), oddVersions...)
	random := rand.New(rand.NewSource(1))
	parts := []string{"v", "0", "1", "01", "10", ".", ".", ".", "-", "+", "a", "B", "rc", "-", "0.", "incompatible", "20240101000000", "abcdefabcdef"}
	for len(versions) < 500 {
		version := "v" + []string{"0", "1", "2"}[random.Intn(3)] + "." + []string{"0", "1", "10"}[random.Intn(3)] + "." + []string{"0", "2", "9"}[random.Intn(3)]
		for range random.Intn(6) {
			version += parts[random.Intn(len(parts))]
		}
		versions = append(versions, version)
	}
	return versions
}

// Version, whether it is valid, its canonical form, its major version, whether it is a pseudo-version, the
// time of that in milliseconds since 1970.
func versionRows() (rows []row) {
	for _, v := range allVersions() {
		at, err := module.PseudoVersionTime(v)
		rows = append(rows, row{v, semver.IsValid(v), module.CanonicalVersion(v), semver.Major(v), module.IsPseudoVersion(v), orNull(at.UnixMilli(), err)})
	}
	return rows
}

// Two versions, and their order.
func compareRows() (rows []row) {
	random := rand.New(rand.NewSource(2))
	all := allVersions()
	for i, a := range plainVersions {
		for _, b := range plainVersions[i:min(i+8, len(plainVersions))] {
			rows = append(rows, row{a, b, semver.Compare(a, b)})
		}
	}
	for range 1000 {
		a, b := all[random.Intn(len(all))], all[random.Intn(len(all))]
		rows = append(rows, row{a, b, semver.Compare(a, b)})
	}
	for range 300 {
		a, b := plainVersions[random.Intn(len(plainVersions))], plainVersions[random.Intn(len(plainVersions))]
		rows = append(rows, row{a, b, semver.Compare(a, b)})
	}
	return rows
}
