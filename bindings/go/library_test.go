package uservoice_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
		t.Fatalf("found only %d functions in the header", len(names))
	}
	return names
}

func headerStatuses(t *testing.T) map[string]uservoice.Status {
	t.Helper()
	statuses := map[string]uservoice.Status{}
	for _, match := range regexp.MustCompile(`(?m)^#define USERVOICE_([A-Z_]+) (\d+)$`).FindAllStringSubmatch(header(t), -1) {
		if strings.HasPrefix(match[1], "VERSION_") || strings.HasPrefix(match[1], "LOG_") || strings.HasPrefix(match[1], "OUTCOME_") || match[1] == "OK" {
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

// unmapped are the functions that the package does not use, with the reason.
var unmapped = map[string]string{
	"uservoice_client_set_interrupt": "a context ends calls",
	"uservoice_client_take_log":      "Go can be called back",
	"uservoice_collection_next":      "pages are read instead, because each cgo call has a cost",
	"uservoice_json_get":             "encoding/json replaces it",
	"uservoice_json_quote":           "encoding/json replaces it",
}

func TestEveryHeaderFunctionIsMapped(t *testing.T) {
	var source []byte
	for _, name := range []string{"native.go", "call.c"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	for _, name := range headerFunctions(t) {
		used := regexp.MustCompile(`\b` + name + `\(`).Match(source)
		if _, expected := unmapped[name]; used == expected {
			t.Errorf("%s: used: %v, listed as unmapped: %v", name, used, expected)
		}
	}
}

func TestEveryHeaderStatusIsMapped(t *testing.T) {
	mapped := map[string]uservoice.Status{
		"INVALID_ARGUMENT":  uservoice.StatusInvalidArgument,
		"NOT_VERIFIED":      uservoice.StatusNotVerified,
		"UNAUTHORIZED":      uservoice.StatusUnauthorized,
		"NOT_FOUND":         uservoice.StatusNotFound,
		"RATE_LIMITED":      uservoice.StatusRateLimited,
		"APPLICATION_ERROR": uservoice.StatusApplicationError,
		"API_ERROR":         uservoice.StatusAPIError,
		"TRANSPORT":         uservoice.StatusTransport,
		"TIMEOUT":           uservoice.StatusTimeout,
		"CANCELLED":         uservoice.StatusCanceled,
		"BAD_RESPONSE":      uservoice.StatusBadResponse,
		"FILE_ERROR":        uservoice.StatusFileError,
		"INTERNAL":          uservoice.StatusInternal,
	}
	equal(t, "statuses", mapped, headerStatuses(t))
	for name, status := range mapped {
		equal(t, "name", status.String(), name)
	}
}

// headerOptions returns the names in the options table of uservoice_client_new.
func headerOptions(t *testing.T) (names []string) {
	t.Helper()
	before, _, found := strings.Cut(header(t), "uservoice_client_new(const char")
	if !found {
		t.Fatal("the header does not declare uservoice_client_new")
	}
	comment := before[strings.LastIndex(before, "/**"):]
	for _, row := range regexp.MustCompile(`(?m)^ \* \| ([a-z_]+) +\|`).FindAllStringSubmatch(comment, -1) {
		if row[1] != "key" { // the table's heading
			names = append(names, row[1])
		}
	}
	return names
}

func TestEveryHeaderOptionHasFunction(t *testing.T) {
	source, err := os.ReadFile("option.go")
	if err != nil {
		t.Fatal(err)
	}
	mapped := []string{"whole_pages"} // by the methods of Collection
	for _, call := range regexp.MustCompile(`(?:WithOption\(|PageOption\{)"([a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		mapped = append(mapped, call[1])
	}
	options := headerOptions(t)
	slices.Sort(mapped)
	slices.Sort(options)
	equal(t, "options", mapped, options)
}

// runFails runs testdata/fails and returns its output.
func runFails(t *testing.T, environment ...string) string {
	t.Helper()
	command := exec.Command("go", "run", "./testdata/fails")
	command.Env = append(os.Environ(), environment...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// The message is the first of the compiler.
func TestBuildErrorWithoutCgo(t *testing.T) {
	command := exec.Command("go", "build", ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := command.CombinedOutput()
	if err == nil {
		t.Fatal("the build did not fail")
	}
	lines := strings.Split(string(out), "\n")
	contains(t, lines[1], "this_package_requires_cgo_set_CGO_ENABLED_to_1_and_install_a_C_compiler")
}

// The library is a fake that has every function, each of which crashes.
func TestRejectsLibraryOfAnotherVersion(t *testing.T) {
	directory := t.TempDir()
	var source strings.Builder
	for _, name := range headerFunctions(t) {
		if name != "uservoice_version" {
			fmt.Fprintf(&source, "void %s(void) { __builtin_trap(); }\n", name)
		}
	}
	for _, version := range []string{"0.0.9", "1.0.0", "nonsense"} {
		text := source.String() + fmt.Sprintf("const char *uservoice_version(void) { return %q; }\n", version)
		if err := os.WriteFile(filepath.Join(directory, "fake.c"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		compile := exec.Command("cc", "-shared", "-fPIC", "-w", "-Wl,-soname,libuservoice.so.0", "-Wl,--default-symver", "-o", filepath.Join(directory, "libuservoice.so.0"), filepath.Join(directory, "fake.c"))
		if out, err := compile.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		output := runFails(t, "LD_LIBRARY_PATH="+directory)
		equal(t, "errors", strings.Count(output, "\n"), 10)
		contains(t, output, version)
		if version != "nonsense" {
			contains(t, output, "install libuservoice 0.1.0 or later, below 1.0")
			contains(t, output, "go build -a")
		}
	}
}
