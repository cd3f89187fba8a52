//! Avatars: a small symmetric pattern per user, as a PNG image.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::data::Id;

/// The pattern has 5 × 5 cells, with one cell of margin at each side.
const CELLS: usize = 7;
const CELL_PIXELS: usize = 12;
const SIZE: usize = CELLS * CELL_PIXELS;

/// Foreground colours with enough contrast on the background.
const COLOURS: [[u8; 3]; 6] = [
    [0x1f, 0x5f, 0xbf],
    [0x1a, 0x7f, 0x4b],
    [0x8a, 0x5a, 0x00],
    [0xa3, 0x3b, 0x8b],
    [0xb4, 0x23, 0x18],
    [0x4b, 0x5b, 0x6b],
];
const BACKGROUND: [u8; 3] = [0xee, 0xf1, 0xf5];

/// Returns the avatar of a user.
pub fn png(id: Id) -> Vec<u8> {
    // Spreads neighbouring ids over all bits.
    let hash = (id + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let colour = COLOURS[(hash % COLOURS.len() as u64) as usize];
    let header = {
        let size = (SIZE as u32).to_be_bytes();
        // 1 bit per pixel, a palette, and the only compression, filter and interlacing.
        [&size[..], &size[..], &[1, 3, 0, 0, 0]].concat()
    };
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"PLTE", &[BACKGROUND, colour].concat());
    chunk(&mut file, b"IDAT", &compress(&pixels(hash)));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// Returns the rows of the image, each after its filter type.
fn pixels(hash: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in 0..SIZE {
        bytes.push(0);
        let mut row = vec![0u8; SIZE.div_ceil(8)];
        for x in (0..SIZE).filter(|x| is_set(hash, x / CELL_PIXELS, y / CELL_PIXELS)) {
            row[x / 8] |= 0x80 >> (x % 8);
        }
        bytes.extend(row);
    }
    bytes
}

/// Reports whether a cell is in the pattern, whose right half mirrors the left one.
fn is_set(hash: u64, column: usize, row: usize) -> bool {
    let inside = 1..CELLS - 1;
    if !inside.contains(&column) || !inside.contains(&row) {
        return false;
    }
    let column = column.min(CELLS - 1 - column);
    hash >> (16 + (row - 1) * 3 + column - 1) & 1 == 1
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to memory succeeds")
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    file.extend(crc.sum().to_be_bytes());
}
