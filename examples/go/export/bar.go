package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// A bar shows the progress on a terminal, in one line that is written over and over:
//
//	[############------------------]  41 %  82000 of 200000, 2100/s, 56s left
type bar struct {
	terminal bool
	shown    bool
}

const (
	width     = 30
	clearLine = "\r\x1b[K"
)

func (b *bar) show(p uservoice.Progress) {
	if !b.terminal {
		return
	}
	b.shown = true
	fmt.Fprint(os.Stderr, clearLine, text(p))
}

func text(p uservoice.Progress) string {
	if p.Total <= 0 {
		return fmt.Sprintf("%d records, %.0f/s", p.Written, p.RecordsPerSecond)
	}
	done := min(p.Written*width/p.Total, width)
	text := fmt.Sprintf("[%s%s] %3d %%  %d of %d, %.0f/s", strings.Repeat("#", done), strings.Repeat("-", width-done),
		min(p.Written*100/p.Total, 100), p.Written, p.Total, p.RecordsPerSecond)
	if p.TimeLeft >= 0 {
		text += fmt.Sprintf(", %v left", p.TimeLeft.Round(time.Second))
	}
	return text
}

func (b *bar) end() {
	if b.shown {
		fmt.Fprintln(os.Stderr)
	}
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
