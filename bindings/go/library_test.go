package uservoice_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

func header(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../include/uservoice.h")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func headerFunctions(t *testing.T) (names []string) {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^[a-z][a-z0-9_ ]*[ *]+(uservoice_[a-z0-9_]+)\(`)
	for _, match := range declaration.FindAllStringSubmatch(header(t), -1) {
		names = append(names, match[1])
	}
	if len(names) < 38 {
		t.Fatalf("only %d functions were found in the header", len(names))
	}
	return names
}

func headerStatuses(t *testing.T) map[string]uservoice.Status {
	t.Helper()
	statuses := map[string]uservoice.Status{}
	for _, match := range regexp.MustCompile(`(?m)^#define USERVOICE_([A-Z_]+) (\d+)$`).FindAllStringSubmatch(header(t), -1) {
		if strings.HasPrefix(match[1], "VERSION_") || strings.HasPrefix(match[1], "LOG_") || match[1] == "OK" {
			continue
		}
		number, err := strconv.Atoi(match[2])
		if err != nil {
			t.Fatal(err)
		}
		statuses[match[1]] = uservoice.Status(number)
	}
	return statuses
}

// Functions that the package does without, and why.
var unused = map[string]string{
	"uservoice_collection_next": "whole pages are read, since each call into C costs something",
}

func TestEveryFunctionOfTheHeaderIsUsed(t *testing.T) {
	source, err := os.ReadFile("native.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range headerFunctions(t) {
		used := regexp.MustCompile(`\b` + name + `\(`).Match(source)
		if _, without := unused[name]; used == without {
			t.Errorf("%s: used %v, named as unused %v", name, used, without)
		}
	}
}

func TestEveryStatusOfTheHeaderIsKnown(t *testing.T) {
	known := map[string]uservoice.Status{
		"INVALID_ARGUMENT":  uservoice.StatusInvalidArgument,
		"UNAUTHORIZED":      uservoice.StatusUnauthorized,
		"NOT_FOUND":         uservoice.StatusNotFound,
		"RATE_LIMITED":      uservoice.StatusRateLimited,
		"APPLICATION_ERROR": uservoice.StatusApplicationError,
		"API_ERROR":         uservoice.StatusAPIError,
		"TRANSPORT":         uservoice.StatusTransport,
		"TIMEOUT":           uservoice.StatusTimeout,
		"CANCELLED":         uservoice.StatusCancelled,
		"BAD_RESPONSE":      uservoice.StatusBadResponse,
		"FILE_ERROR":        uservoice.StatusFileError,
		"INTERNAL":          uservoice.StatusInternal,
	}
	equal(t, "statuses", known, headerStatuses(t))
	for name, status := range known {
		equal(t, "name", status.String(), name)
	}
}

func goRun(t *testing.T, environment ...string) string {
	t.Helper()
	command := exec.Command("go", "run", "./testdata/fails")
	command.Env = append(os.Environ(), environment...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestWithoutCgoEverythingSaysWhatIsMissing(t *testing.T) {
	said := goRun(t, "CGO_ENABLED=0")
	equal(t, "times", strings.Count(said, "install a C compiler and libuservoice, and build with CGO_ENABLED=1"), 9)
}

// A library of another version, which has every function and can nothing.
func TestALibraryOfAnotherVersionIsRefused(t *testing.T) {
	directory := t.TempDir()
	var source strings.Builder
	for _, name := range headerFunctions(t) {
		if name != "uservoice_version" {
			fmt.Fprintf(&source, "void %s(void) { __builtin_trap(); }\n", name)
		}
	}
	for _, version := range []string{"0.0.9", "1.0.0", "nonsense"} {
		text := source.String() + fmt.Sprintf("const char *uservoice_version(void) { return %q; }\n", version)
		if err := os.WriteFile(filepath.Join(directory, "other.c"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		compile := exec.Command("cc", "-shared", "-fPIC", "-w", "-o", filepath.Join(directory, "libuservoice.so.0"), filepath.Join(directory, "other.c"))
		if out, err := compile.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		said := goRun(t, "LD_LIBRARY_PATH="+directory)
		equal(t, "times", strings.Count(said, "\n"), 9)
		contains(t, said, version)
		if version != "nonsense" {
			contains(t, said, "install libuservoice 0.1.0, or a later one below 1.0")
		}
	}
}
