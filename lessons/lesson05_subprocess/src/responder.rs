//! A small DNS server on this machine, so that the lesson needs no network.

use std::io::{self, Read};
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::thread;

use simple_dns::rdata::{A, AAAA, CNAME, MX, RData};
use simple_dns::{
    CLASS, Name, Packet, PacketFlag, RCODE, ResourceRecord, SimpleDnsError,
};

// ANCHOR: start
/// Answers on a free port, in a thread that ends with this program. Returns
/// the port.
pub fn start() -> io::Result<u16> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = socket.local_addr()?.port();
    thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            // A packet that is not a question gets no answer.
            if let Ok(reply) = answer(&packet[..length]) {
                let _ = socket.send_to(&reply, client);
            }
        }
    });
    Ok(port)
}

/// Names and their records, from the well-known output of this program.
fn records() -> [(&'static str, RData<'static>); 5] {
    let fastly = Name::new_unchecked("python.map.fastly.net");
    let exchange = Name::new_unchecked("mail.python.org");
    let web = Ipv4Addr::new(199, 27, 79, 223);
    let mail = Ipv4Addr::new(82, 94, 164, 166);
    let mail_6 = Ipv6Addr::new(0x2001, 0x888, 0x2000, 0xd, 0, 0, 0, 0xa6);
    [
        ("www.python.org", RData::CNAME(CNAME(fastly))),
        ("python.map.fastly.net", RData::A(A::from(web))),
        ("python.org", RData::MX(MX { preference: 50, exchange })),
        ("mail.python.org", RData::A(A::from(mail))),
        ("mail.python.org", RData::AAAA(AAAA::from(mail_6))),
    ]
}
// ANCHOR_END: start

// ANCHOR: answer
/// The reply to the question in `packet`. It is not authoritative: it is that
/// of a resolver that has asked another server.
fn answer(packet: &[u8]) -> Result<Vec<u8>, SimpleDnsError> {
    let mut reply = Packet::parse(packet)?.into_reply();
    reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
    let question = reply.questions.first().cloned();
    let question = question.ok_or(SimpleDnsError::InvalidDnsPacket)?;
    let mut known = false;
    let mut name = question.qname;
    let mut exchange = None;
    for (of, data) in records() {
        let record =
            ResourceRecord::new(Name::new_unchecked(of), CLASS::IN, 60, data);
        if Some(&record.name) == exchange.as_ref() {
            reply.additional_records.push(record);
        } else if record.name == name {
            known = true;
            match &record.rdata {
                // The other records are known under this name.
                RData::CNAME(CNAME(other)) => name = other.clone(),
                _ if !record.match_qtype(question.qtype) => continue,
                RData::MX(mx) => exchange = Some(mx.exchange.clone()),
                _ => {}
            }
            reply.answers.push(record);
        }
    }
    if !known {
        *reply.rcode_mut() = RCODE::NameError;
    }
    reply.build_bytes_vec()
}
// ANCHOR_END: answer

/// A role: prints its port, and answers until its standard input ends.
pub fn responder(_: &[String]) -> io::Result<()> {
    println!("port {}", start()?);
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
