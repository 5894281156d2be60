"""Which of FFmpeg's demuxers and decoders may read a stranger's file, and why not the others.

FFmpeg names some 350 demuxers. Each is C code that reads what strangers wrote, so only those
stand here that phones, browsers, recorders, editors and players write today, or did when what
people keep was recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Data = bytes | bytearray | memoryview

DEMUXERS = (
    *("mp3", "aac", "ac3", "eac3", "amr", "flac", "ogg", "wav", "w64", "aiff", "caf", "au"),
    *("wv", "tta", "ape", "mpc", "mpc8", "dsf"),
    *("mov", "matroska", "avi", "asf", "flv", "mpegts", "mpeg"),
)

LEFT_OUT = {
    "sdp, rtp, rtsp": "texts and streams that make FFmpeg open network connections",
    "hls, dash, concat, concatf, imf, webm_dash_manifest": "playlists, which name other files",
    "lavfi, alsa, pulse, v4l2 and other devices": "no files",
    "s16le, f32le, mulaw and other raw samples": "no header: any bytes would be a song",
    "image2, gif, png_pipe and other pictures": "no sound",
    "libopenmpt, libgme, MIDI, trackers": "scores, not sound; synthesising them needs other code",
    "srt, ass, webvtt and other subtitles": "no sound",
    "shn, tak, ofr, xwma, oma, adx, brstm, voc and some 150 more": (
        "formats of single games and programs: more code to attack than songs to hear"
    ),
    "aax, encrypted mp4": "under copy protection; told as such",
}


@dataclass(frozen=True, slots=True)
class Memory:
    """How far a decoder looks back.

    So much is decoded before a moment and thrown away.


    Attributes:
        packets: whole packets.
        seconds: time, where what is remembered fades out.
        reservoir: bytes of earlier packets that a packet may use as its own.
    """

    packets: int = 0
    seconds: float = 0.0
    reservoir: int = 0


_NONE = Memory()
_OVERLAP = Memory(packets=2)

MEMORIES: dict[str, Memory] = {
    # A frame reaches up to 511 bytes back; then one frame for the overlap, one for the filter bank.
    **dict.fromkeys(("mp3float", "mp3"), Memory(packets=2, reservoir=511)),
    "aac": Memory(packets=2, seconds=0.1),  # the overlap; SBR and PS smooth over some frames
    "opus": Memory(packets=1, seconds=0.1),  # RFC 7845 asks for 80 ms
    "vorbis": _OVERLAP,
    **dict.fromkeys(("ac3", "eac3", "mp2float", "mp2", "mp1float", "mp1"), _OVERLAP),
    **dict.fromkeys(("flac", "alac", "wavpack", "tta"), _NONE),
    **dict.fromkeys(
        (
            *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"),
            *("pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be"),
            *("pcm_alaw", "pcm_mulaw", "adpcm_ima_wav", "adpcm_ms"),
        ),
        _NONE,
    ),
}
"""Decoders whose windows can be decoded apart from each other."""

_DECODED_WHOLE = (
    *("wmav1", "wmav2", "wmapro", "wmalossless", "wmavoice"),  # a reservoir across packets
    *("amrnb", "amrwb", "speex", "gsm_ms", "gsm", "g722", "ilbc"),  # speech: long predictions
    *("adpcm_ima_qt", "adpcm_swf", "adpcm_yamaha", "adpcm_g726"),
    *("nellymoser", "ape", "mpc7", "mpc8", "dca", "truehd", "mlp", "aac_latm"),
    *("dsd_lsbf", "dsd_msbf", "dsd_lsbf_planar", "dsd_msbf_planar"),
    *("pcm_bluray", "pcm_dvd", "qdm2", "mace3", "mace6"),
)
"""Decoders whose memory is not known exactly: such songs are decoded from end to end."""

DECODERS = (*MEMORIES, *_DECODED_WHOLE)

PROTECTED_TAGS = ("drms", "enca", "aavd")  # sample entries of MP4: FairPlay, CENC, Audible
_PROTECTED_ASF = bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e")  # content encryption object

# First bytes, by a regular expression, of what is a recording or a score, but not read here.
_UNREAD = {
    rb"MThd": "MIDI",
    rb"RMP3|RMID|RIFF....RMID": "MIDI",
    rb"OFR ": "OptimFROG",
    rb"tBaK": "TAK",
    rb"ajkg": "Shorten",
    rb"\.RMF|\.ra\xfd": "RealAudio",
    rb"IMPM|Extended Module|SCRM|.{44}SCRM|.{1080}(M\.K\.|M!K!|FLT4|4CHN|6CHN|8CHN)": "tracker",
    rb"NESM\x1a|NSFE": "NSF",
    rb"SNES-SPC700": "SPC",
    rb"Vgm |\x1f\x8b.{0,64}vgm": "VGM",
    rb"Creative Voice File": "VOC",
    rb"BRSTM|RSTM": "BRSTM",
    rb"\x80\x00.{2,64}\(c\)CRI": "ADX",
    rb"FRM8": "DSDIFF",
    rb"EA3|ea3": "ATRAC",
}
_PICTURES = rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM|II\*\x00|MM\x00\*|....ftyp(avif|heic|mif1)"
_BEGINNINGS = (  # of formats that are read: a file that begins so and does not open is damaged
    rb"ID3|fLaC|OggS|\x1aE\xdf\xa3|RIFF....(WAVE|AVI )|....ftyp|FORM....AIF[FC]|riff|caff|\.snd"
    rb"|0&\xb2u\x8ef\xcf\x11|FLV|#!AMR|wvpk|TTA1|MAC |MPCK|MP\+|DSD "
    rb"|\x00\x00\x01\xba|\x0bw|\xff[\xe2-\xff]"
)
_HEAD_BYTES = 2_048
_UNREAD_PATTERNS = [(re.compile(pattern, re.DOTALL), name) for pattern, name in _UNREAD.items()]
_PICTURE_PATTERN = re.compile(_PICTURES, re.DOTALL)
_BEGINNING_PATTERN = re.compile(_BEGINNINGS, re.DOTALL)


def unread_format(data: Data) -> str | None:
    """Name the format of a recording that is not read."""
    head = bytes(data[:_HEAD_BYTES])
    return next((name for pattern, name in _UNREAD_PATTERNS if pattern.match(head)), None)


def is_picture(data: Data) -> bool:
    """Whether a file begins like a still picture."""
    return bool(_PICTURE_PATTERN.match(bytes(data[:_HEAD_BYTES])))


def begins_like_audio(data: Data) -> bool:
    """Whether a file begins like one of a format that is read."""
    return bool(_BEGINNING_PATTERN.match(bytes(data[:_HEAD_BYTES])))


def is_protected_asf(data: Data) -> bool:
    """Whether a Windows Media file says in its header that it is encrypted."""
    return _PROTECTED_ASF in bytes(data[: 32 * _HEAD_BYTES])
