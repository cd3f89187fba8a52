package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// How far an export came: all pages before NextPage, which is at Cursor in the Admin API, are
// in the first Size bytes of the file.
type state struct {
	Of       string `json:"of"` // what is exported
	NextPage int    `json:"next_page"`
	Cursor   string `json:"cursor,omitempty"`
	Records  int    `json:"records"`
	Size     int64  `json:"size"`
}

func (s state) after(page page, written int64) state {
	s.NextPage++
	s.Cursor = page.cursor
	s.Records += len(page.records)
	s.Size += written
	return s
}

func stateFile(file string) string { return file + ".state" }

func readState(file, of string) (state, error) {
	beginning := state{Of: of, NextPage: 1}
	text, err := os.ReadFile(stateFile(file))
	if errors.Is(err, fs.ErrNotExist) {
		return beginning, nil
	}
	if err != nil {
		return beginning, err
	}
	var done state
	if err := json.Unmarshal(text, &done); err != nil || done.NextPage < 1 {
		return beginning, fmt.Errorf("%s is not what an export wrote: remove it to start over", stateFile(file))
	}
	if done.Of != of {
		return beginning, fmt.Errorf("%s is of an export of %s: remove it to start over, or name another file", stateFile(file), done.Of)
	}
	return done, nil
}

// An output is where the records go. Without a state file it is written straight on.
type output struct {
	*os.File
	state string
}

// openOutput cuts off what was written after the last complete page.
func openOutput(name string, done state) (*output, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	out := &output{file, stateFile(name)}
	if err := out.cut(done.Size); err != nil {
		file.Close()
		return nil, err
	}
	return out, nil
}

func (o *output) cut(size int64) error {
	info, err := o.Stat()
	if err != nil {
		return err
	}
	if info.Size() < size {
		return fmt.Errorf("%s is shorter than the export left it: remove %s to start over", o.Name(), o.state)
	}
	if err := o.Truncate(size); err != nil {
		return err
	}
	_, err = o.Seek(size, io.SeekStart)
	return err
}

// keep remembers a page that was written: the records first, then that they are there, in one
// step.
func (o *output) keep(done state) error {
	if o.state == "" {
		return nil
	}
	if err := o.Sync(); err != nil {
		return err
	}
	text, err := json.Marshal(done)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.state+".new", text, 0o666); err != nil {
		return err
	}
	return os.Rename(o.state+".new", o.state)
}

func (o *output) complete() error {
	if o.state == "" {
		return nil
	}
	if err := os.Remove(o.state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
