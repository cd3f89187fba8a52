package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	uservoice "github.com/libuservoice/libuservoice/bindings/go"
)

// A progressBar shows the progress in one line of the terminal:
//
//	[############------------------]  41 %  82000 of 200000, 2100/s, 56s left
//
// It writes nothing if standard error is not a terminal.
type progressBar struct {
	terminal bool
	shown    bool
}

const (
	barWidth  = 30
	clearLine = "\r\x1b[K"
)

func newProgressBar() *progressBar {
	info, err := os.Stderr.Stat()
	return &progressBar{terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (b *progressBar) show(p uservoice.Progress) {
	if !b.terminal {
		return
	}
	b.shown = true
	fmt.Fprint(os.Stderr, clearLine, formatProgress(p))
}

func formatProgress(p uservoice.Progress) string {
	if p.Total <= 0 {
		return fmt.Sprintf("%d records, %.0f/s", p.Written, p.RecordsPerSecond)
	}
	done := min(p.Written*barWidth/p.Total, barWidth)
	text := fmt.Sprintf("[%s%s] %3d %%  %d of %d, %.0f/s", strings.Repeat("#", done), strings.Repeat("-", barWidth-done),
		min(p.Written*100/p.Total, 100), p.Written, p.Total, p.RecordsPerSecond)
	if p.TimeLeft >= 0 {
		text += fmt.Sprintf(", %v left", p.TimeLeft.Round(time.Second))
	}
	return text
}

func (b *progressBar) end() {
	if b.shown {
		fmt.Fprintln(os.Stderr)
	}
}
