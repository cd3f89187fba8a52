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

func TestEveryExportedTypeAndFunctionHasDocAndExample(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
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
	check := func(name, text string, examples []*doc.Example) {
		if text == "" || len(examples) == 0 {
			t.Errorf("%s has %d examples and the documentation %q", name, len(examples), text)
		}
	}
	checkFunctions := func(prefix string, all []*doc.Func) {
		for _, function := range all {
			check(prefix+function.Name, function.Doc, function.Examples)
		}
	}
	check("package", pkg.Doc, pkg.Examples)
	checkFunctions("", pkg.Funcs)
	for _, typ := range pkg.Types {
		check(typ.Name, typ.Doc, typ.Examples)
		checkFunctions("", typ.Funcs)
		checkFunctions(typ.Name+".", typ.Methods)
	}
	if len(pkg.Types) < 8 {
		t.Errorf("found only %d types", len(pkg.Types))
	}
}
