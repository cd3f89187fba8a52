package uservoice_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// Every function, type and method that a program can use is described, and has an example.
func TestEveryNameHasADescriptionAndAnExample(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || entry.Name() == "native_stub.go" {
			continue
		}
		file, err := parser.ParseFile(set, entry.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(set, files, "github.com/libuservoice/libuservoice/bindings/go")
	if err != nil {
		t.Fatal(err)
	}
	described := func(name, text string, examples []*doc.Example) {
		if text == "" || len(examples) == 0 {
			t.Errorf("%s: %d examples, described as %q", name, len(examples), text)
		}
	}
	functions := func(of string, all []*doc.Func) {
		for _, function := range all {
			described(of+function.Name, function.Doc, function.Examples)
		}
	}
	described("package", pkg.Doc, pkg.Examples)
	functions("", pkg.Funcs)
	for _, kind := range pkg.Types {
		described(kind.Name, kind.Doc, kind.Examples)
		functions("", kind.Funcs)
		functions(kind.Name+".", kind.Methods)
	}
	if len(pkg.Types) < 8 {
		t.Errorf("only %d types were found", len(pkg.Types))
	}
}
