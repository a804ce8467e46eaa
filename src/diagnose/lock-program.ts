/**
 * A Go program that holds locks for whoever has its standard input: the same lock, on the same files, as cmd/go takes
 * (its internal/lockedfile), which Node cannot take by itself. `lock "PATH"` is answered `ok` once it is held, or
 * `no REASON`; `unlock "PATH"` likewise. Whatever ends the process, or its standard input, lets go of all.
 */
export const lockProgram: Readonly<Record<string, string>> = {
  "go.mod": "module modgate.lock\n\ngo 1.18\n",
  "main.go": `package main

import (
	"bufio"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

func main() {
	// Whoever started this decides when it ends.
	signal.Ignore(os.Interrupt)
	held := map[string]*os.File{}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\\n')
		if err != nil {
			return
		}
		word, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\\n"), " ")
		path, err := strconv.Unquote(quoted)
		if err == nil {
			err = do(held, word, path)
		}
		if err != nil {
			os.Stdout.WriteString("no " + strconv.Quote(err.Error()) + "\\n")
		} else {
			os.Stdout.WriteString("ok\\n")
		}
	}
}

func do(held map[string]*os.File, word, path string) error {
	if word == "unlock" {
		err := held[path].Close()
		delete(held, path)
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	if err := lock(file); err != nil {
		file.Close()
		return err
	}
	held[path] = file
	return nil
}
`,
  "lock_unix.go": `//go:build !windows

package main

import (
	"os"
	"syscall"
)

func lock(file *os.File) error {
	for {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return err
		}
	}
}
`,
  "lock_windows.go": `package main

import (
	"os"
	"syscall"
	"unsafe"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

func lock(file *os.File) error {
	const exclusive, all = 2, 0xffffffff
	ok, _, err := lockFileEx.Call(file.Fd(), exclusive, 0, all, all, uintptr(unsafe.Pointer(new(syscall.Overlapped))))
	if ok == 0 {
		return err
	}
	return nil
}
`,
};
